const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A document in the bytes of a search answer. */
export interface Hit {
  readonly id: string;
  readonly sourceStart: number;
  readonly sourceEnd: number;
}

export interface SearchPage {
  readonly hits: readonly Hit[];
  /** `sort` of the last hit, for `search_after` of the next page; null on an empty page. */
  readonly after: unknown;
  /** The point in time to go on with. */
  readonly pitId: string | null;
}

/**
 * Finds the documents in the answer of a search without making objects of them, so that numbers keep their digits.
 * The bytes are JSON as a server writes it; what is not gives an error or no hits, never an endless loop.
 */
export function readSearchPage(bytes: Buffer): SearchPage {
  const hits: Hit[] = [];
  let after: unknown = null;
  let pitId: string | null = null;
  for (const [name, start, end] of members(bytes, 0)) {
    if (name === "pit_id") pitId = JSON.parse(bytes.toString("utf8", start, end));
    if (name !== "hits") continue;
    for (const [inner, list] of members(bytes, start)) {
      if (inner !== "hits") continue;
      for (const [hit] of elements(bytes, list)) after = readHit(bytes, hit, hits);
    }
  }
  return { hits, after, pitId };
}

/** Adds the hit and gives its `sort`. */
function readHit(bytes: Buffer, at: number, hits: Hit[]): unknown {
  let id = "";
  let sourceStart = -1;
  let sourceEnd = -1;
  let sort: unknown = null;
  for (const [name, start, end] of members(bytes, at)) {
    if (name === "_id") id = JSON.parse(bytes.toString("utf8", start, end));
    else if (name === "sort") sort = JSON.parse(bytes.toString("utf8", start, end));
    else if (name === "_source") [sourceStart, sourceEnd] = [start, end];
  }
  hits.push({ id, sourceStart, sourceEnd });
  return sort;
}

export function* members(bytes: Buffer, at: number): Generator<readonly [name: string, start: number, end: number]> {
  let position = afterSpace(bytes, at);
  if (bytes[position] !== OPEN_BRACE) return;
  for (;;) {
    position = afterSpace(bytes, position + 1);
    if (bytes[position] !== QUOTE) return;
    const nameEnd = valueEnd(bytes, position);
    const name: string = JSON.parse(bytes.toString("utf8", position, nameEnd));
    position = afterSpace(bytes, nameEnd);
    if (bytes[position] !== COLON) return;
    const start = afterSpace(bytes, position + 1);
    const end = valueEnd(bytes, start);
    yield [name, start, end];
    position = afterSpace(bytes, end);
    if (bytes[position] !== COMMA) return;
  }
}

export function* elements(bytes: Buffer, at: number): Generator<readonly [start: number, end: number]> {
  let position = afterSpace(bytes, at);
  if (bytes[position] !== OPEN_BRACKET) return;
  for (;;) {
    const start = afterSpace(bytes, position + 1);
    if (start >= bytes.length || bytes[start] === CLOSE_BRACKET) return;
    const end = valueEnd(bytes, start);
    yield [start, end];
    position = afterSpace(bytes, end);
    if (bytes[position] !== COMMA) return;
  }
}

/** Where the value ends that begins at `start`. */
function valueEnd(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const code = bytes[at] as number;
    if (code === QUOTE) {
      at = stringEnd(bytes, at) - 1;
      if (depth === 0) return at + 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth++;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (code === COMMA || code <= 0x20)) {
      return at;
    }
  }
  return bytes.length;
}

function stringEnd(bytes: Buffer, quote: number): number {
  let at = quote + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function afterSpace(bytes: Buffer, at: number): number {
  let position = at;
  while (position < bytes.length && (bytes[position] as number) <= 0x20) position++;
  return position;
}
