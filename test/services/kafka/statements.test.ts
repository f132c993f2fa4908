import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { freshName } from "../../conformance/names.ts";
import { TestSession } from "../../project/statements/session.ts";
import { sluice } from "../../support/sluice-process.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS } from "./connection.ts";

describeWith("kafka", "statements on Kafka", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  afterAll(() => admin.close());

  describe.each(CLIENTS)("with %s", (client) => {
    const config = (): string =>
      `connections:\n  kafka:\n    kind: kafka\n    client: ${client}\n    brokers: [${brokers.map((broker) => JSON.stringify(broker)).join(", ")}]\n` +
      "defaults:\n  source: kafka\n  sink: kafka\n";
    const open = (files: Readonly<Record<string, string>> = {}) =>
      TestSession.open({ "sluice.yaml": config(), ...files }, { assertMs: 5_000 });

    it("writes rows by hand into a topic that it makes, prints, selects and drops them", async () => {
      const session = await open();
      const topic = freshName("rows");
      await session.run(`CREATE STREAM s (id INT KEY, n DOUBLE, at TIMESTAMP, trace STRING HEADER('trace-id'))
        WITH (topic = '${topic}', timestamp = 'at', partitions = 3);`);
      await session.last("INSERT INTO s VALUES (1, 1.5, '2026-01-02T03:04:05Z', 'x'), (2, 2.5, '2026-01-02T03:04:06Z', NULL)");
      expect(await session.rows("SHOW TOPICS EXTENDED")).toContainEqual(["kafka", topic, 3, 2, false, "s"]);
      const printed = await session.rows("PRINT s FROM BEGINNING");
      expect(printed).toHaveLength(2);
      expect(printed).toContainEqual({
        key: 1,
        value: { n: 1.5, at: "2026-01-02T03:04:05.000Z" },
        timestamp: "2026-01-02T03:04:05.000Z",
        partition: expect.any(Number),
        offset: expect.any(Number),
        headers: { "trace-id": "x" },
      });
      const rows = (await session.rows("SELECT id, n, trace FROM s")) as { id: number }[];
      expect(rows.sort((left, right) => left.id - right.id)).toEqual([
        { id: 1, n: 1.5, trace: "x" },
        { id: 2, n: 2.5, trace: null },
      ]);
      await session.last("ASSERT VALUES s (id, n) VALUES (2, 2.5); ASSERT VALUES s (id, trace) VALUES (1, 'x');");
      await session.last("DROP STREAM s DELETE TOPIC");
      await session.last(`ASSERT NOT EXISTS TOPIC ${topic} TIMEOUT 10 SECONDS`);
      await expect(session.run(`PRINT ${topic}`)).rejects.toMatchObject({ code: "TOPIC_MISSING" });
    });

    it("prints what a producer writes, in batches, compressed, and guesses its formats", async () => {
      const topic = await admin.createTopic("mixed", {}, 2);
      const producer = admin.producer();
      await producer.send({
        messages: [
          { topic, key: "a", value: '{"n": 9007199254740993}', partition: 0 },
          { topic, key: "b", value: "plain text", partition: 1 },
        ],
        compression: "gzip",
      });
      const session = await open();
      const printed = (await session.rows(`PRINT ${topic} FROM BEGINNING LIMIT 2`)) as { key: string; value: unknown }[];
      expect(printed.map(({ key, value }) => [key, value]).sort()).toEqual([
        ["a", { n: 9007199254740992 }],
        ["b", "plain text"],
      ]);
      expect(session.events).toContainEqual({ kind: "note", text: "key format: string; value format: string" });
      expect(await session.rows(`DESCRIBE ${topic}`)).toEqual([["n", "BIGINT", "", expect.any(Number)]]);
    });

    it("follows a topic with PRINT", async () => {
      const topic = await admin.createTopic("followed");
      const session = await TestSession.open({ "sluice.yaml": config() }, { untilEnd: false });
      const printing = session.rows(`PRINT ${topic} LIMIT 1`);
      const producer = admin.producer();
      // PRINT begins at the end that the topic has when it starts, whenever that is.
      let done = false;
      void printing.catch(() => null).finally(() => (done = true));
      for (let number = 0; !done; number++) {
        await producer.send({ messages: [{ topic, key: "k", value: `{"n":${number}}` }] });
        await pause(20);
      }
      expect(await printing).toEqual([expect.objectContaining({ key: "k", value: { n: expect.any(Number) } })]);
    });

    it("shows how far pipelines have come without disturbing them, and drops what is kept", async () => {
      const topic = await admin.createTopic("read", {}, 2);
      const name = freshName("p").replaceAll("-", "_");
      const session = await open({ [`queries/${name}.sql`]: `INSERT INTO ${topic}_out SELECT a FROM ${topic} AUTOCREATE;` });
      await session.run(`INSERT INTO ${topic} (a, _key) VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
      const [before] = (await session.rows("SHOW PIPELINES")) as unknown[][];
      expect(before?.at(-1)).toBe("has not run");
      const run = await sluice(["run", `queries/${name}.sql`, "--until-end"], { cwd: session.folder });
      expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("3 messages")]);
      const [after] = (await session.rows("SHOW PIPELINES EXTENDED")) as unknown[][];
      expect(after?.slice(-3)).toEqual(["positions are kept", 3, 3]);
      const positions = (await session.rows(`DESCRIBE PIPELINE ${name}`)) as number[][];
      expect(positions.map((row) => row[5])).toEqual([0, 0]);
      expect(await session.last(`DROP PIPELINE ${name}`)).toEqual({ message: expect.stringContaining("the next run begins anew") });
      await session.last(`ASSERT NOT EXISTS TOPIC sluice.${name}.state TIMEOUT 10 SECONDS`);
      const again = await sluice(["run", `queries/${name}.sql`, "--until-end"], { cwd: session.folder });
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("3 messages")]);
    });
  });
});
