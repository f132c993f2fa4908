import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readWantedRecords } from "../../src/cli/wanted-records.ts";
import { scratch } from "../support/scratch.ts";

const PLACE = '"topic":"t","partition":0,"offset":7';

describe("records to be redriven, from a file", () => {
  const read = (text: string) => readWantedRecords(join(scratch({ "mended.ndjson": text }), "mended.ndjson"));

  it("are places, with a key or value where they are mended", async () => {
    expect(await read(`{${PLACE}}\n\n{${PLACE},"value":"{}","key":null}\n`)).toEqual([
      { topic: "t", partition: 0, offset: 7 },
      { topic: "t", partition: 0, offset: 7, value: "{}", key: null },
    ]);
  });

  it.each([
    [`{${PLACE}}\n{`, /mended\.ndjson:2: no JSON/],
    ["7", /:1: no JSON object/],
    ['{"topic":"t","partition":0}', /topic, partition or offset is missing/],
    [`{${PLACE},"kept":"masked","value":"***"}`, /there is no 'kept' of a record/],
  ])("are refused where they are something else: %s", async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: "USAGE", message: expect.stringMatching(message), hint: expect.any(String) });
  });

  it("have to be there", async () => {
    await expect(readWantedRecords("/nowhere/mended.ndjson")).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });
});
