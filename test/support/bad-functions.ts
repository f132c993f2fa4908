/** Functions of a project that do harm: the text of a module. They act where `trigger` is 1, but `leak` always. */
export const badFunctions = (leakBytes: number): string => `
const kept: number[][] = [];
const parameters = [{ name: "trigger", type: "number" }] as const;
const harmful = (name: string, implement: (trigger: number) => number) =>
  ({ name, parameters, result: "double", doc: "Does harm.", implement });
const leakSome = (): void => void kept.push(new Array(${Math.ceil(leakBytes / 8)}).fill(0.5));

export const leak = harmful("leak", (trigger) => {
  leakSome();
  return trigger;
});
export const fill = harmful("fill", (trigger) => {
  while (trigger === 1) leakSome();
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
export const leave = harmful("leave", (trigger) => {
  if (trigger === 1) process.exit(7);
  return trigger;
});
`;
