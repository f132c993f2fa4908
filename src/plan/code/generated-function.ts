/** Something that a generated function uses and that is not in its text: a text of the statement, or what was made of it. */
export interface Static {
  readonly name: string;
  readonly value: unknown;
  /** For reading. */
  readonly text: string;
}

/** A function's text and what it uses. Statements that differ in their texts alone have the same text. */
export interface GeneratedFunction {
  readonly parameters: string;
  readonly body: string;
  readonly statics: readonly Static[];
}

type Factory = (...values: readonly unknown[]) => unknown;

/**
 * Generated functions by their text: statements that have it in common share one, which is optimized once and soon, and
 * needs the memory of one. Lives as long as what was compiled with it.
 */
export class FunctionCache {
  private readonly factories = new Map<string, Factory>();

  /** What stands in the body was made by this folder alone; texts of a statement are in it as JSON literals only. */
  instantiate<T>({ parameters, body, statics }: GeneratedFunction, helpers: unknown): T {
    const names = ["h", ...statics.map(({ name }) => name)].join(", ");
    const text = `"use strict"; return function (${parameters}) {\n${body}\n};`;
    const key = `${names}\n${text}`;
    const factory = this.factories.get(key) ?? (new Function(names, text) as Factory);
    this.factories.set(key, factory);
    return factory(helpers, ...statics.map(({ value }) => value)) as T;
  }
}

/** For EXPLAIN and for reading. */
export function functionText(name: string, { parameters, body, statics }: GeneratedFunction): string {
  return [`// ${name}(${parameters})`, ...statics.map((entry) => `// ${entry.name} = ${entry.text}`), body].join("\n");
}
