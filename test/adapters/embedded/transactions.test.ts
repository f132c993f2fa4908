import { afterEach, describe, expect, it } from "vitest";
import { openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { ORIGIN, routeTo, settle } from "../../conformance/changes.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { scratch } from "../../support/scratch.ts";

const STATEMENT = "s";
const CONFIG = { name: "topics", kind: "embedded", as: "kafka", settings: {} } as const;

describe("rows of embedded topics that are written in transactions", () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const connection of opened.splice(0)) await connection.close();
  });

  const newOwner = async (folder: string) => {
    const connection = openEmbedded(CONFIG, folder, systemClock);
    opened.push(connection);
    const log = await connection.openStateLog("p");
    const sink = await connection.openSink(routeTo("topics", "topic", "rows", { transactionOf: "p" }));
    return {
      log,
      rows: (generation: number, ...ids: readonly string[]) =>
        settle(
          sink,
          ids.map((id, index) => ({ upsert: { id }, version: index + 1 })),
          { ...ORIGIN, statement: STATEMENT, generation },
        ),
      seen: async () => (await readToEnd(connection.source, "rows")).map(({ key }) => key),
    };
  };
  const blob = (value: string) => [{ key: `blob|${value}`, value: Buffer.from(value) }];

  it("are seen with the blob, and not before", async () => {
    const owner = await newOwner(scratch());
    const { generation } = await owner.log.claim(0, "a");
    await owner.rows(generation, "1", "2");
    await owner.rows(generation, "3");
    await owner.log.append(0, generation, blob("note"));
    expect(await owner.seen()).toEqual([]);
    await owner.log.append(0, generation, blob("one"), STATEMENT);
    expect(await owner.seen()).toEqual(["1", "2", "3"]);
    await owner.log.append(0, generation, blob("two"), STATEMENT);
    expect(await owner.seen(), "they are written once").toEqual(["1", "2", "3"]);
  });

  it("of an owner that was replaced are never seen", async () => {
    const folder = scratch();
    const [first, second] = [await newOwner(folder), await newOwner(folder)];
    const { generation: earlier } = await first.log.claim(0, "a");
    await first.rows(earlier, "1");
    const { generation } = await second.log.claim(0, "b");
    await expect(first.log.append(0, earlier, blob("one"), STATEMENT)).rejects.toMatchObject({ code: "STATE_FENCED" });
    await second.rows(generation, "1");
    await second.log.append(0, generation, blob("one"), STATEMENT);
    expect(await second.seen()).toEqual(["1"]);
  });
});
