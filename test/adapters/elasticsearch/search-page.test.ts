import { describe, expect, it } from "vitest";
import { readSearchPage } from "../../../src/adapters/elasticsearch/search-page.ts";

const page = (text: string) => {
  const bytes = Buffer.from(text);
  const { hits, after, pitId } = readSearchPage(bytes);
  return { after, pitId, documents: hits.map(({ id, sourceStart, sourceEnd }) => [id, bytes.toString("utf8", sourceStart, sourceEnd)]) };
};

describe("answer of a search", () => {
  it("gives the documents byte for byte", () => {
    const first = '{ "a" : 1.50,\n "b": 9007199254740993, "s":"]}\\"{[", "n":{"hits":[{"_id":"no"}]} }';
    const text = `{"pit_id":"p1","took":1,"_shards":{"failed":0},"hits":{"max_score":null,"hits":[
      {"_index":"t","_id":"a\\"\\u00e9","_score":null,"_source":${first},"sort":[4]},
      {"_index":"t","_id":"b","_source":{},"sort":[5]}]}}`;
    expect(page(text)).toEqual({
      after: [5],
      pitId: "p1",
      documents: [
        ['a"é', first],
        ["b", "{}"],
      ],
    });
  });

  it.each(['{"pit_id":"p","hits":{"hits":[]}}', '{"pit_id":"p"}', "{}", "", "["])("has no documents in %j", (text) => {
    expect(page(text).documents).toEqual([]);
  });

  it.each(['{"hits":{"hits":[{"_id', '{"hits":{"hits":[{"_id":"a'])("does not take %j for a page", (text) => {
    expect(() => page(text)).toThrowError(SyntaxError);
  });
});
