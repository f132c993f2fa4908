/** What a partition is called among others, by which it is found again. */
export function partitionName({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${partition} ${topic}`;
}
