import { describe, expect, it } from "vitest";
import { bulkBody, cutOf } from "../../../src/adapters/elasticsearch/bulk-body.ts";
import { documentTextOf } from "../../../src/model/change.ts";
import { changesOf } from "./support.ts";

const lines = (body: Buffer): string[] => body.toString("utf8").split("\n");

describe("body of a bulk request", () => {
  it("has an action line and the document's own bytes for an upsert, an action line alone for a delete", () => {
    const batch = changesOf([
      { id: 'a"é', version: 1_795_234_319_680_001, document: '{"n":1.50,"big":9007199254740993}' },
      { id: "b", version: 2 },
    ]);
    expect(lines(bulkBody(batch, Int32Array.of(0, 1), "temps"))).toEqual([
      '{"index":{"_index":"temps","_id":"a\\"é","version":1795234319680001,"version_type":"external"}}',
      '{"n":1.50,"big":9007199254740993}',
      '{"delete":{"_index":"temps","_id":"b","version":2,"version_type":"external"}}',
      "",
    ]);
  });

  it("names the index of each change", () => {
    const batch = changesOf([
      { id: "a", version: 1, document: "{}", index: "t_2026-11-20" },
      { id: "b", version: 2, document: "{}", index: "t_2026-11-21" },
    ]);
    const body = bulkBody(batch, Int32Array.of(1, 0), "t").toString();
    expect(body.match(/"_index":"[^"]*"/g)).toEqual(['"_index":"t_2026-11-21"', '"_index":"t_2026-11-20"']);
  });

  it("keeps a document on its line, whatever newlines it brings", () => {
    const forged = '{"m":{\n"delete":{"_index":"temps","_id":"victim"}}\n}';
    const batch = changesOf([{ id: "a", version: 1, document: forged }]);
    const [, document, ...rest] = lines(bulkBody(batch, Int32Array.of(0), "temps"));
    expect(rest).toEqual([""]);
    expect(JSON.parse(document as string)).toEqual(JSON.parse(forged));
    expect(documentTextOf(batch, 0)).toBe(forged);
  });

  it("cuts by documents and by bytes, but never gives an empty request", () => {
    const batch = changesOf(Array.from({ length: 10 }, (_, i) => ({ id: `id-${i}`, version: 1, document: `{"t":"${"x".repeat(900)}"}` })));
    const rows = Int32Array.from({ length: 10 }, (_, i) => i);
    expect(cutOf(batch, rows, 0, 4, 1 << 20)).toBe(4);
    expect(cutOf(batch, rows, 8, 4, 1 << 20)).toBe(10);
    const to = cutOf(batch, rows, 0, 100, 5000);
    expect(bulkBody(batch, rows.slice(0, to), "temps").length).toBeLessThanOrEqual(5000);
    expect(to).toBe(4);
    expect(cutOf(batch, rows, 3, 100, 10)).toBe(4);
  });
});
