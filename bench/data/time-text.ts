/** Of ISO 8601, and of Flink's form of it, which has a space and no zone. */
export function timeMs(text: string): number {
  return Date.parse(text.endsWith("Z") ? text : `${text.replace(" ", "T")}Z`);
}
