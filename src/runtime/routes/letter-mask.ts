import type { KeptChange, LeftOut } from "../tasks/kept-change.ts";
import type { DeadLetter, RecordBytes } from "./dead-letter.ts";

type Parts = Pick<DeadLetter, "step" | "error" | "record" | "document"> & { readonly change: KeptChange | LeftOut | null };

const COVERED = "***";

/** Beside fields of the value. */
const KEY = "_key";
const HEADERS = "_headers";

/**
 * A letter in which the fields of some paths (`card.number`, `_key`, `_headers`) are covered. What they hold is covered wherever else it
 * stands in the letter: in key, refused document, id and error. Of a value that is no JSON object nobody can say where its fields are: it
 * is left out as a whole. A refused change in which something would be covered cannot be sent again: it is left out too.
 */
export function maskLetter({ step, error, record, document, change, ordinal }: DeadLetter, paths: readonly string[]): Parts {
  const hidden = new Set<string>();
  const value = objectOf(record?.value ?? null);
  const covered = value === null ? null : withoutFields(value, paths, hidden);
  const own = objectOf(document);
  // A column that is called like a field, where there is no record to tell what the field holds.
  const shown = own === null ? null : withoutFields(own, paths, hidden);
  const key = record?.key?.toString("utf8") ?? null;
  if (key !== null && paths.includes(KEY)) addTexts(key, hidden);
  const hide = hider(hidden);
  const masked: RecordBytes | null = record && {
    key: key === null || paths.includes(KEY) ? null : Buffer.from(hide(key)),
    value: covered === null ? null : Buffer.from(JSON.stringify(covered)),
    headers: paths.includes(HEADERS) ? null : record.headers,
  };
  const place = hide(step);
  const sent = shown === null ? null : JSON.stringify(withoutTexts(shown, hide));
  const isOpen = sent === null ? document === null : sent === JSON.stringify(own);
  return {
    // Changes of one record stay apart.
    step: place === step ? step : `${place} ${ordinal}`,
    error: { code: error.code, message: hide(error.message) },
    record: masked,
    change: change === null || (isOpen && !isNamed(change, paths, hidden)) ? change : { left: "masked" },
    document: sent === null ? null : Buffer.from(sent),
  };
}

/** Whether something hidden stands where a change says which row it is: as it is, or as it is written in JSON. */
function isNamed({ id, key, identity }: KeptChange, paths: readonly string[], hidden: Set<string>): boolean {
  const row = objectOf(identity === null ? null : Buffer.from(identity));
  if (row !== null) withoutFields(row, paths, hidden);
  const hide = hider(new Set([...hidden].flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])));
  return [id, key, identity].some((text) => text !== null && hide(text) !== text);
}

type JsonObject = Readonly<Record<string, unknown>>;

function objectOf(bytes: Buffer | null): JsonObject | null {
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutFields(value: JsonObject, paths: readonly string[], hidden: Set<string>): JsonObject {
  return paths.reduce<JsonObject>((masked, path) => withoutField(masked, path.split("."), hidden) as JsonObject, value);
}

/** Elements of arrays are looked through. */
function withoutField(value: unknown, path: readonly string[], hidden: Set<string>): unknown {
  const [name, ...rest] = path;
  if (Array.isArray(value)) return value.map((element) => withoutField(element, path, hidden));
  if (name === undefined) {
    addTexts(value, hidden);
    return value === null ? null : COVERED;
  }
  if (!isObject(value) || !Object.hasOwn(value, name)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, held]) => [member, member === name ? withoutField(held, rest, hidden) : held]),
  );
}

function addTexts(value: unknown, hidden: Set<string>): void {
  if (typeof value === "object" && value !== null) for (const part of Object.values(value)) addTexts(part, hidden);
  else if (typeof value === "string" || typeof value === "number") if (String(value) !== "") hidden.add(String(value));
}

/** Covers what is hidden where it stands by itself: `7` in `id 7`, not in `17`. */
function hider(hidden: ReadonlySet<string>): (text: string) => string {
  if (hidden.size === 0) return (text) => text;
  const longestFirst = [...hidden].sort((left, right) => right.length - left.length).map((text) => RegExp.escape(text));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join("|")})(?![\\p{L}\\p{N}])`, "gu");
  return (text) => text.replace(pattern, COVERED);
}

function withoutTexts(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === "string") return hide(value);
  if (typeof value === "number") return hide(String(value)) === COVERED ? COVERED : value;
  if (Array.isArray(value)) return value.map((element) => withoutTexts(element, hide));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, withoutTexts(held, hide)]));
}
