import { describe, expect, it } from "vitest";
import { itemOutcome, mayPass } from "../../../src/adapters/elasticsearch/bulk-outcome.ts";
import { Operation } from "../../../src/model/change.ts";
import { Outcome } from "../../../src/ports/sink.ts";

const { written, superseded, retry, rejected } = Outcome;

function outcome(action: "index" | "delete", status: number, type?: string, reason = "because") {
  const result = type === undefined ? { status } : { status, error: { type, reason } };
  return itemOutcome(action === "delete" ? Operation.delete : Operation.upsert, { [action]: result }, "temps");
}

describe("outcome of a bulk item", () => {
  it.each([
    ["index", 201, undefined, written],
    ["index", 200, undefined, written],
    ["delete", 200, undefined, written],
    ["delete", 404, undefined, written],
    ["delete", 404, "index_not_found_exception", written],
    ["index", 409, "version_conflict_engine_exception", superseded],
    ["delete", 409, "version_conflict_engine_exception", superseded],
    ["index", 429, "es_rejected_execution_exception", retry],
    ["index", 429, "cluster_block_exception", retry],
    ["index", 408, "timeout", retry],
    ["index", 500, "exception", retry],
    ["index", 502, "exception", retry],
    ["index", 503, "unavailable_shards_exception", retry],
    ["index", 504, "exception", retry],
    ["index", 400, "document_parsing_exception", rejected],
    ["index", 400, "strict_dynamic_mapping_exception", rejected],
    ["index", 400, "index_closed_exception", rejected],
    ["index", 403, "cluster_block_exception", rejected],
    ["index", 403, "security_exception", rejected],
    ["index", 404, "index_not_found_exception", rejected],
    ["index", 413, "exception", rejected],
  ] as const)("%s %i %s", (action, status, type, expected) => {
    const { outcome: got, error } = outcome(action, status, type);
    expect(got).toBe(expected);
    expect(error === null).toBe(expected === written || expected === superseded);
    if (expected === retry) expect(error?.code).toBe("CHANGE_UNAVAILABLE");
  });

  it("names the index and the server's reason, down to the innermost cause", () => {
    const caused = { type: "number_format_exception", reason: 'For input string: "warm"' };
    const error = { type: "document_parsing_exception", reason: "failed to parse field [n]", caused_by: caused };
    const item = itemOutcome(Operation.upsert, { index: { status: 400, error } }, "temps");
    expect(item.error).toEqual({
      code: "CHANGE_REJECTED",
      message: 'index "temps": document_parsing_exception: failed to parse field [n] (For input string: "warm")',
    });
  });

  it("has a name for what is wrong with the index itself", () => {
    expect(outcome("index", 400, "index_closed_exception").error?.message).toBe('index "temps" is closed');
    expect(outcome("index", 403, "cluster_block_exception").error?.message).toContain('index "temps" is read-only');
    expect(outcome("index", 404, "index_not_found_exception").error).toMatchObject({ code: "TARGET_MISSING" });
  });

  it("does not repeat a whole document that the server quotes", () => {
    expect(outcome("index", 400, "document_parsing_exception", "x".repeat(100_000)).error?.message.length).toBeLessThan(600);
  });

  it("takes an item that it cannot read for one that has to be sent again", () => {
    expect(itemOutcome(Operation.upsert, {}, "temps").outcome).toBe(retry);
    expect(itemOutcome(Operation.upsert, null, "temps").outcome).toBe(retry);
  });

  it("knows which statuses pass by themselves", () => {
    expect([200, 400, 401, 404, 408, 413, 429, 500, 503].filter(mayPass)).toEqual([408, 429, 500, 503]);
  });
});
