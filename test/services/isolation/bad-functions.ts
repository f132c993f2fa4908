/** Functions of a project that do harm: the text of a module. `spin` and `crash` act where `trigger` is 1, `leak` always. */
export const badFunctions = (leakBytes: number): string => `
const kept: number[][] = [];
const parameters = [{ name: "trigger", type: "number" }] as const;
const harmful = (name: string, implement: (trigger: number) => number) =>
  ({ name, parameters, result: "double", doc: "Does harm.", implement });

export const leak = harmful("leak", (trigger) => {
  kept.push(new Array(${Math.ceil(leakBytes / 8)}).fill(0.5));
  return trigger;
});
export const spin = harmful("spin", (trigger) => {
  while (trigger === 1);
  return trigger;
});
export const crash = harmful("crash", (trigger) => {
  if (trigger === 1) setImmediate(() => { throw new TypeError("a pipeline of harm"); });
  return trigger;
});
`;
