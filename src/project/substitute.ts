import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Text with `${NAME}`, `${NAME:-default}` and `${file:PATH}`; `$${` stands for a plain `${`. */
const PATTERN = /\$\$\{|\$\{file:([^}]+)\}|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

export type Variables = Readonly<Record<string, string | undefined>>;

/** What cannot be filled in; never what is in a variable or a file. */
export interface SubstitutionProblem {
  /** What was written is right, but not given here: the variable is not set, the file cannot be read. */
  readonly isMissing: boolean;
  /** Of whom it stands in: "needs …". */
  readonly message: string;
  readonly hint: string;
}

export type Substitution = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: SubstitutionProblem };

/**
 * Puts environment variables and texts of files into every text of a value, however deep. An empty variable counts as not set, as in a
 * shell's `:-`; of a file the end of its last line is left out. `folder`: where paths begin.
 */
export function substitute(value: unknown, variables: Variables, folder: string): Substitution {
  let problem: SubstitutionProblem | null = null;
  const text = (written: string): string =>
    written.replaceAll(PATTERN, (match, path: string | undefined, name: string | undefined, otherwise: string | undefined) => {
      if (match === "$${") return "${";
      const given =
        path !== undefined ? textOf(resolve(folder, path)) : name !== undefined ? variableOf(name, variables, otherwise) : MALFORMED;
      if (typeof given === "string") return given;
      problem ??= given;
      return match;
    });
  const walk = (inner: unknown): unknown => {
    if (typeof inner === "string") return text(inner);
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner === "object" && inner !== null) {
      return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key, walk(member)]));
    }
    return inner;
  };
  const substituted = walk(value);
  return problem === null ? { ok: true, value: substituted } : { ok: false, problem };
}

const MALFORMED: SubstitutionProblem = {
  isMissing: false,
  message: "has a ${ that names neither a variable nor a file",
  hint: "write $${ for a plain ${",
};

function variableOf(name: string, variables: Variables, otherwise: string | undefined): string | SubstitutionProblem {
  const given = variables[name];
  if (given !== undefined && given !== "") return given;
  const message = `needs the environment variable ${name}, which is not set`;
  return otherwise ?? { isMissing: true, message, hint: `set it, or write \${${name}:-default}` };
}

function textOf(path: string): string | SubstitutionProblem {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const hint = "paths begin at the folder of the configuration";
    return { isMissing: true, message: `needs the file ${path}, which cannot be read: ${code}`, hint };
  }
}
