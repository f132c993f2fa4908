import { SluiceError } from "../../errors.ts";
import type { FieldPath } from "../../model/column-batch.ts";
import { parseJson } from "../../model/exact-number.ts";
import type { FoundRow, Lookup, LookupTarget } from "../../ports/lookup.ts";
import type { ElasticClient, ElasticRequest } from "./elastic-client.ts";
import { elements, members, readSearchPage } from "./search-page.ts";
import { isRecord } from "./server-error.ts";

/** Documents asked for beyond one for each key, so that those which have one value are found out. */
const SPARE_DOCUMENTS = 64;

/** Field types whose values are compared as a whole. */
const EXACT = new Set([
  "keyword",
  "constant_keyword",
  "wildcard",
  "boolean",
  "ip",
  "version",
  "byte",
  "short",
  "integer",
  "long",
  "unsigned_long",
]);

/** Documents of an index by their ids, or by a field of which each value stands in one document. */
export class DocumentLookup implements Lookup {
  private readonly client: ElasticClient;
  private readonly index: string;
  /** The field as it is asked for, and where it is in a document; null: by id. */
  private readonly by: { readonly field: string; readonly path: readonly string[] } | null;
  /** Names at the top of documents; null: all of them. */
  private readonly includes: readonly string[] | null;

  private constructor(client: ElasticClient, index: string, by: DocumentLookup["by"], fields: readonly FieldPath[]) {
    this.client = client;
    this.index = index;
    this.by = by;
    const read = fields.flatMap(({ root, path }) => (root === "value" ? [path] : []));
    const isWhole = read.some((path) => path.length === 0);
    this.includes = isWhole ? null : [...new Set([...read, ...(by === null ? [] : [by.path])].map(([name]) => name as string))];
  }

  /** Rejects with TARGET_MISSING, TARGET_MISMATCH, CONNECTION_FAILED, CONNECTION_REFUSED_RIGHTS. */
  static async open(client: ElasticClient, { name, keys, fields }: LookupTarget): Promise<DocumentLookup> {
    const path = `/${encodeURIComponent(name)}/_mapping`;
    const answer = await client.request({ method: "GET", path });
    if (answer.status === 404) throw missing(name);
    if (answer.status >= 300) throw client.refused({ method: "GET", path }, answer);
    const [key, another] = keys;
    if (key === undefined || another !== undefined) {
      const message = `documents of ${name} are looked up by their id, or by one field`;
      throw new SluiceError("TARGET_MISMATCH", message, { hint: "compare _key, which is the id, in ON" });
    }
    if (key.root === "key") return new DocumentLookup(client, name, null, fields);
    const mappings = isRecord(answer.body) ? Object.values(answer.body).map((one) => (isRecord(one) ? one["mappings"] : null)) : [];
    const asked = new Set(mappings.map((mapping) => exactField(mapping, key.path)));
    const [field] = asked;
    if (field === undefined || field === null || asked.size > 1) {
      const message = `documents of ${name} cannot be looked up by ${key.path.join(".")}: it is no field of exact values`;
      const hint = "keywords, whole numbers, booleans and addresses are; _key is the id";
      throw new SluiceError("TARGET_MISMATCH", message, { hint });
    }
    return new DocumentLookup(client, name, { field, path: key.path }, fields);
  }

  find(keys: readonly string[], signal: AbortSignal): Promise<readonly FoundRow[]> {
    return this.by === null ? this.findByIds(keys, signal) : this.findByValues(keys, this.by, signal);
  }

  private async findByIds(keys: readonly string[], signal: AbortSignal): Promise<readonly FoundRow[]> {
    const { includes } = this;
    const query = includes === null ? {} : includes.length === 0 ? { _source: false } : { _source_includes: includes.join(",") };
    const body = { ids: keys.map((key) => textOf(parseJson(key))) };
    const bytes = await this.call({ method: "POST", path: `/${encodeURIComponent(this.index)}/_mget`, query, body, signal });
    const found: FoundRow[] = [];
    for (const [name, start] of members(bytes, 0)) {
      if (name === "docs") for (const [document] of elements(bytes, start)) found.push(this.rowOf(bytes, document));
    }
    return found;
  }

  /** A document of a multi-get. */
  private rowOf(bytes: Buffer, at: number): FoundRow {
    let isFound = false;
    let row: Buffer = NOTHING;
    for (const [name, start, end] of members(bytes, at)) {
      if (name === "found") isFound = bytes.toString("utf8", start, end) === "true";
      else if (name === "_source") row = bytes.subarray(start, end);
      else if (name === "error") throw new SluiceError("CONNECTION_FAILED", `index ${this.index}: ${bytes.toString("utf8", start, end)}`);
    }
    return isFound ? row : null;
  }

  private async findByValues(
    keys: readonly string[],
    by: NonNullable<DocumentLookup["by"]>,
    signal: AbortSignal,
  ): Promise<readonly FoundRow[]> {
    const size = keys.length + SPARE_DOCUMENTS;
    const values = keys.map((key) => textOf(parseJson(key)));
    const body = {
      size,
      query: { terms: { [by.field]: values } },
      _source: this.includes === null ? true : [...this.includes],
      track_total_hits: false,
    };
    const query = { allow_partial_search_results: false };
    const bytes = await this.call({ method: "POST", path: `/${encodeURIComponent(this.index)}/_search`, query, body, signal });
    const { hits } = readSearchPage(bytes);
    // Many documents have one value, and those of others may be left out.
    if (hits.length >= size && keys.length > 1) {
      const rows: FoundRow[] = [];
      for (const key of keys) rows.push(...(await this.findByValues([key], by, signal)));
      return rows;
    }
    const found = new Map<string, Buffer | { readonly problem: string }>();
    for (const { sourceStart, sourceEnd } of hits) {
      const source = bytes.subarray(sourceStart, sourceEnd);
      for (const value of valuesAt(parseJson(source.toString()), by.path)) {
        const text = textOf(value);
        const problem = `${this.index} has several documents whose ${by.path.join(".")} is ${text}`;
        found.set(text, found.has(text) ? { problem } : source);
      }
    }
    return values.map((value) => found.get(value) ?? null);
  }

  private async call(request: ElasticRequest): Promise<Buffer> {
    const answer = await this.client.requestForBytes(request);
    if (answer.status === 404) throw missing(this.index);
    if (answer.status >= 300) throw this.client.refused(request, answer);
    return answer.body as Buffer;
  }
}

const NOTHING = Buffer.from("{}");

function missing(index: string): SluiceError {
  return new SluiceError("TARGET_MISSING", `index ${index} does not exist`);
}

/** What is asked for to compare a field as a whole: itself, or a part of it that is a keyword; null: it cannot be. */
function exactField(mapping: unknown, path: readonly string[]): string | null {
  let at: unknown = mapping;
  for (const name of path) {
    const properties = isRecord(at) ? at["properties"] : null;
    at = isRecord(properties) ? properties[name] : null;
  }
  if (!isRecord(at)) return null;
  const name = path.join(".");
  if (EXACT.has(String(at["type"]))) return name;
  const parts = isRecord(at["fields"]) ? Object.entries(at["fields"]) : [];
  const part = parts.find(([, one]) => isRecord(one) && one["type"] === "keyword");
  return part === undefined ? null : `${name}.${part[0]}`;
}

/** A field may hold several values. */
function valuesAt(document: unknown, path: readonly string[]): readonly unknown[] {
  let values: readonly unknown[] = [document];
  for (const name of path) values = values.flatMap((value) => (isRecord(value) ? value[name] : undefined));
  return [...new Set(values.flat().map(textOf))];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "");
}
