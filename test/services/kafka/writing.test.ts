import { afterAll, describe, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import { Outcome } from "../../../src/ports/sink.ts";
import { NamedSinks } from "../../../src/runtime/routes/named-sinks.ts";
import { type Row, routeTo, settle, write } from "../../conformance/changes.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { plain } from "../../conformance/source-suite.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

describeWith("kafka", "writing to Kafka", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  afterAll(() => admin.close());

  describe.each(CLIENTS)("with %s", (client) => {
    const connections = new KafkaConnections(brokers, client);
    const connection = connections.open();
    const source = must(connection.source, "source");
    afterAll(() => connections.close());

    const keysIn = async (topic: string): Promise<(string | null)[]> => (await readToEnd(source, topic)).map(({ key }) => key);
    const upsert = (row: Row, version: number) => ({ upsert: row, version });

    it("refuses a change that is too large, not its neighbours", async () => {
      const topic = await admin.createTopic("limited", { "max.message.bytes": "20000" });
      const sink = await connection.openSink(routeTo("kafka", "topic", topic));
      const rows = Array.from({ length: 100 }, (_, i) => ({ id: `row ${i}`, label: "x".repeat(i === 37 ? 30_000 : 1000) }));
      const result = await write(
        sink,
        rows.map((row, i) => upsert(row, 1000 + i)),
      );
      expect([...result.outcomes].indexOf(Outcome.rejected)).toBe(37);
      expect([...result.errors.keys()]).toEqual([37]);
      expect(result.errors.get(37)).toMatchObject({ code: "CHANGE_REJECTED", message: expect.stringContaining("MESSAGE_TOO_LARGE") });
      expect(await keysIn(topic)).toEqual(rows.map(({ id }) => id).filter((id) => id !== "row 37"));
      const large = source.append(topic, [plain("y".repeat(30_000))]);
      await expect(large).rejects.toMatchObject({ code: "CHANGE_REJECTED" });
      await sink.close();
    });

    it("refuses a change without key where the topic is compacted, not its neighbours", async () => {
      const topic = await admin.createTopic("compacted", { "cleanup.policy": "compact" });
      await expect(source.append(topic, [plain("a", 1, "a"), plain("no key", 2), plain("b", 3, "b")])).rejects.toMatchObject({
        code: "CHANGE_REJECTED",
      });
      expect(await keysIn(topic)).toEqual(["a", "b"]);
    });

    it.each(["gzip", "snappy", "lz4", "zstd"])("compresses with %s what Java and we decompress", async (compression) => {
      const sinks = connections.open({ compression });
      const rows = Array.from({ length: 2000 }, (_, i) => ({ id: `row ${i}`, label: "x".repeat(i % 50) }));
      // The broker itself decompresses what goes to the second topic.
      for (const settings of [{}, { "compression.type": "uncompressed" }]) {
        const topic = await admin.createTopic("compressed", settings);
        const sink = await sinks.openSink(routeTo("kafka", "topic", topic));
        await settle(
          sink,
          rows.map((row, i) => upsert(row, 1000 + i)),
        );
        expect(await keysIn(topic)).toEqual(rows.map(({ id }) => id));
        await sink.close();
      }
    });

    it("names a target that is missing and may not be created", async () => {
      const route = routeTo("kafka", "topic", freshName("missing"), { autocreate: false });
      await expect(connection.openSink(route)).rejects.toMatchObject({ code: "TARGET_MISSING" });
      await expect(connection.openSink(routeTo("kafka", "table", "t"))).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
    });

    it("says why Kafka does not create a topic", async () => {
      const illegal = connection.openSink(routeTo("kafka", "topic", "not a name"));
      await expect(illegal).rejects.toMatchObject({ code: "TARGET_MISSING", message: expect.stringContaining("INVALID_TOPIC") });
      expect(await source.describeTopic("not a name")).toBeNull();
      const replicated = must(connections.open({ replication: 3 }).source).createTopic(freshName("replicated"), { partitions: 1 });
      await expect(replicated).rejects.toMatchObject({ code: "TARGET_MISSING", message: expect.stringContaining("REPLICATION_FACTOR") });
    });

    it("refuses a topic with fewer partitions than declared", async () => {
      const topic = await admin.createTopic("narrow", {}, 2);
      const refused = connection.openSink(routeTo("kafka", "topic", topic, { partitions: 4 }));
      await expect(refused).rejects.toMatchObject({ code: "TARGET_MISMATCH", message: expect.stringContaining("2 partitions, not 4") });
    });

    it("makes the topic of each date where the target has a suffix", async () => {
      const name = freshName("dated");
      const sink = await connection.openSink(routeTo("kafka", "topic", name, { suffix: "_{yyyy-MM-dd}", partitions: 1 }));
      const targets = ["2026-01-01", "2026-01-02"].map((date) => `${name}_${date}`);
      await settle(
        sink,
        targets.map((target, i) => ({ upsert: { id: `${i}` }, version: 1000 + i, target })),
      );
      expect(await Promise.all(targets.map(keysIn))).toEqual([["0"], ["1"]]);
      await sink.close();
    });

    it("compresses what the statement says, whatever the connection does", async () => {
      const rows = Array.from({ length: 1000 }, (_, i) => ({ upsert: { id: `row ${i}`, label: "x".repeat(200) }, version: 1000 + i }));
      const bytesOf = async (compression: "lz4" | null): Promise<number> => {
        const topic = await admin.createTopic("by-statement");
        const sink = await connection.openSink(routeTo("kafka", "topic", topic, { options: { ...NO_OPTIONS, compression } }));
        await settle(sink, rows);
        await sink.close();
        expect(await keysIn(topic)).toHaveLength(1000);
        return admin.sizeOf(topic);
      };
      expect(await bytesOf("lz4")).toBeLessThan((await bytesOf(null)) / 3);
    });

    it("writes to the topics that records name, each made when it is first named", async () => {
      const [first, second] = [freshName("named"), freshName("named")];
      const target = routeTo("kafka", "topic", "_value.site", { partitions: 1, options: { ...NO_OPTIONS, dynamic: true } });
      const sinks = new NamedSinks(target, (one) => connection.openSink(one));
      const changes = [first, second, first].map((target, i) => ({ upsert: { id: `${i}` }, version: 1000 + i, target }));
      await settle(sinks, changes);
      expect([(await keysIn(first)).sort(), await keysIn(second)]).toEqual([["0", "2"], ["1"]]);
      const strict = new NamedSinks({ ...target, autocreate: false }, (one) => connection.openSink(one));
      const result = await write(strict, [
        { upsert: { id: "a" }, version: 1, target: first },
        { upsert: { id: "b" }, version: 2, target: "nowhere" },
      ]);
      expect([...result.outcomes]).toEqual([Outcome.written, Outcome.rejected]);
      expect(result.errors.get(1)).toMatchObject({ code: "TARGET_MISSING" });
      await sinks.close();
    });

    it("goes on when the broker has forgotten the producer", async () => {
      const topic = await admin.createTopic("forgotten");
      await source.append(topic, [plain("first")]);
      await admin.deleteTopic(topic);
      await admin.createNamed(topic);
      await source.append(topic, [plain("second"), plain("third")]);
      expect((await readToEnd(source, topic)).map(({ value }) => value)).toEqual(["second", "third"]);
    });

    it("lists topics as relations, and examines the connection", async () => {
      const topic = await admin.createTopic("listed");
      expect(await connection.listRelations()).toContainEqual({ name: topic, kind: "topic" });
      const findings = await connection.diagnose();
      expect(findings.map(({ check, ok }) => [check, ok])).toEqual([
        ["brokers answer", true],
        ["topics may be created", true],
      ]);
      expect(await source.describeTopic("sluice.doctor")).toBeNull();
    });
  });
});
