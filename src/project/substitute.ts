/** Text with `${NAME}` and `${NAME:-default}`; `$${` stands for a plain `${`. */
const PATTERN = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

export type Variables = Readonly<Record<string, string | undefined>>;

/** `missing`: a variable that is not set and has no default; null: a `${` that begins nothing. */
export type Substitution =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: { readonly missing: string | null } };

/** Puts environment variables into every text of a value, however deep. An empty variable counts as not set, as in a shell's `:-`. */
export function substitute(value: unknown, variables: Variables): Substitution {
  let problem: { missing: string | null } | null = null;
  const text = (written: string): string =>
    written.replaceAll(PATTERN, (match, name: string | undefined, otherwise: string | undefined) => {
      if (match === "$${") return "${";
      if (name === undefined) {
        problem ??= { missing: null };
        return match;
      }
      const given = variables[name];
      if (given !== undefined && given !== "") return given;
      if (otherwise === undefined) problem ??= { missing: name };
      return otherwise ?? "";
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
