import type { RecordSlices } from "../../model/record-slices.ts";
import { SlicesBuilder } from "../codecs/slices-builder.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { indexesToRead } from "./relations.ts";
import { readSearchPage, type SearchPage } from "./search-page.ts";
import { isRecord } from "./server-error.ts";

const FIRST_PAGE_DOCUMENTS = 100;
/** Elasticsearch gives no more in one page (`index.max_result_window`). */
const PAGE_DOCUMENTS_MAX = 10_000;
/** Pages grow or shrink towards this size, whatever the documents are. */
const PAGE_BYTES = 4 << 20;

/** How long the server keeps a point in time between two pages. */
const KEEP_ALIVE = "2m";

/**
 * All documents of the indexes that `name` means, as records: the value is the document as it was written, the key its id.
 * Each index is read as of one moment. Rejects with TARGET_MISSING where there is no such index.
 */
export async function* readIndexes(client: ElasticClient, name: string, signal: AbortSignal): AsyncGenerator<RecordSlices> {
  let offset = 0;
  for (const index of await indexesToRead(client, name)) {
    // Otherwise documents of the last second are written, but not seen. Who may only read is not allowed to ask for it.
    await client.request({ method: "POST", path: `/${encodeURIComponent(index)}/_refresh`, signal }).catch(() => null);
    for await (const page of pagesOf(client, index, signal)) {
      yield* slicesOf(name, page, offset);
      offset += page.hits.length;
    }
  }
}

interface Page extends SearchPage {
  readonly bytes: Buffer;
}

async function* pagesOf(client: ElasticClient, index: string, signal: AbortSignal): AsyncGenerator<Page> {
  const path = `/${encodeURIComponent(index)}/_pit`;
  const opened = await client.call({ method: "POST", path, query: { keep_alive: KEEP_ALIVE }, signal });
  let pitId = isRecord(opened) ? String(opened["id"]) : "";
  try {
    let after: unknown = null;
    let size = FIRST_PAGE_DOCUMENTS;
    for (;;) {
      const body = { size, pit: { id: pitId, keep_alive: KEEP_ALIVE }, sort: ["_shard_doc"], track_total_hits: false };
      const search = after === null ? body : { ...body, search_after: after };
      const query = { allow_partial_search_results: false };
      const bytes = await client.callForBytes({ method: "POST", path: "/_search", query, body: search, signal });
      const page = readSearchPage(bytes);
      pitId = page.pitId ?? pitId;
      if (page.hits.length === 0) return;
      yield { ...page, bytes };
      after = page.after;
      size = Math.max(1, Math.min(PAGE_DOCUMENTS_MAX, Math.floor((PAGE_BYTES * page.hits.length) / bytes.length)));
    }
  } finally {
    // A point in time that is not given back costs the server until it has run out; no reason to fail.
    await client.request({ method: "DELETE", path: "/_pit", body: { id: pitId } }).catch(() => null);
  }
}

/** The rows of a table have no timestamps of their own: 0. */
function slicesOf(name: string, page: Page, firstOffset: number): readonly RecordSlices[] {
  const builder = new SlicesBuilder(name, 0);
  for (const [i, hit] of page.hits.entries()) {
    builder.append(firstOffset + i, 0, Buffer.from(hit.id), page.bytes.subarray(hit.sourceStart, hit.sourceEnd), null);
  }
  return builder.build(firstOffset + page.hits.length);
}
