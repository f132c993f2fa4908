import { expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { SluiceError } from "../../../src/errors.ts";
import type { Source } from "../../../src/ports/source.ts";
import { environment } from "../../../src/project/environment.ts";
import { TestSession } from "./session.ts";

/** A session on the embedded store, in which this comes before a topic's ends are asked for. */
function sessionWith(before: (source: Source, topic: string) => Promise<void>): Promise<TestSession> {
  const openConnection: typeof environment.openConnection = async (...where) => {
    const connection = await environment.openConnection(...where);
    const source = must(connection.source);
    const bounds = source.bounds.bind(source);
    source.bounds = async (topic, partition) => {
      await before(source, topic);
      return bounds(topic, partition);
    };
    return connection;
  };
  return TestSession.open({}, { env: { ...environment, openConnection } });
}

const TOPICS = ["a", "b", "c"]
  .map((name) => `CREATE STREAM ${name} (n INT) WITH (partitions = 1); INSERT INTO ${name} VALUES (1);`)
  .join("\n");

const listed = (session: TestSession) => session.rows("SHOW TOPICS EXTENDED").then((rows) => rows.toSorted());

it("a topic that is deleted while topics are listed is left out, and the others are there", async () => {
  const session = await sessionWith(async (source, topic) => {
    if (topic === "b") await source.deleteTopic("b");
  });
  await session.run(TOPICS);
  expect(await listed(session)).toEqual([
    ["embedded", "a", 1, 1, false, "a"],
    ["embedded", "c", 1, 1, false, "c"],
  ]);
});

it("of a topic whose ends cannot be told it is noted why it is not said how many records there are", async () => {
  const session = await sessionWith(async (_source, topic) => {
    if (topic === "b") throw new SluiceError("CONNECTION_FAILED", "the partition has no leader");
  });
  await session.run(TOPICS);
  expect(await listed(session)).toEqual([
    ["embedded", "a", 1, 1, false, "a"],
    ["embedded", "b", 1, null, false, "b"],
    ["embedded", "c", 1, 1, false, "c"],
  ]);
  expect(session.events).toContainEqual({ kind: "note", text: "b: the partition has no leader" });
});
