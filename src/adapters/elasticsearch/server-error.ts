/** Reasons of the server quote documents; no message grows beyond this. */
const REASON_CHARACTERS_MAX = 500;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The server's error object out of a whole answer or a bulk item, or null. */
export function errorOf(body: unknown): Readonly<Record<string, unknown>> | null {
  return isRecord(body) && isRecord(body.error) ? body.error : null;
}

/** The server's type of an error, such as `mapper_parsing_exception`; empty where there is none. */
export function errorTypeOf(body: unknown): string {
  const type = errorOf(body)?.type;
  return typeof type === "string" ? type : "";
}

/** What the server says is wrong: type, reason, and the innermost cause where it says more. */
export function reasonOf(body: unknown): string {
  const error = errorOf(body);
  if (error === null) return cut(typeof body === "string" && body !== "" ? body : "no reason given");
  let innermost = error;
  while (isRecord(innermost.caused_by)) innermost = innermost.caused_by;
  const outer = `${errorTypeOf(body)}: ${String(error.reason)}`;
  return cut(innermost === error || innermost.reason === error.reason ? outer : `${outer} (${String(innermost.reason)})`);
}

function cut(text: string): string {
  return text.length <= REASON_CHARACTERS_MAX ? text : `${text.slice(0, REASON_CHARACTERS_MAX)}…`;
}
