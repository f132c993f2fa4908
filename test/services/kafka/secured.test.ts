import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshName } from "../../conformance/names.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { plain } from "../../conformance/source-suite.ts";
import { missingFor } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";
import { SESSION_MS, type SecuredBroker, startSecuredBroker, USER } from "./secured-broker.ts";

const cannotLaunch = inject("kafka") === null ? null : await missingFor("kafka");

/** kafkajs takes no sessions shorter than ten seconds. */
const MECHANISMS = { platformatic: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], kafkajs: ["SCRAM-SHA-256", "SCRAM-SHA-512"] } as const;

describeWith("kafka", `a broker with TLS and SASL${cannotLaunch === null ? "" : ` (${cannotLaunch})`}`, () => {
  let broker: SecuredBroker;
  beforeAll(async () => {
    if (cannotLaunch === null) broker = await startSecuredBroker();
  });
  afterAll(() => broker?.stop());

  describe.skipIf(cannotLaunch !== null).each(CLIENTS)("by %s", (client) => {
    const opened: KafkaConnections[] = [];
    afterAll(async () => {
      for (const connections of opened) await connections.close();
    });

    const connect = (address: string, settings: Readonly<Record<string, unknown>>) => {
      const connections = new KafkaConnections([address], client);
      opened.push(connections);
      return connections.source({ requestTimeoutMs: 20_000, ...settings });
    };

    /** Values above what a receiver takes in one piece. */
    const writesAndReads = async (address: string, settings: Readonly<Record<string, unknown>>): Promise<void> => {
      const source = connect(address, settings);
      const topic = freshName("secured");
      await source.createTopic(topic, { partitions: 1 });
      const values = [1, 2, 3, 4].map((i) => `${i}`.repeat(i * 100_000));
      for (const value of values) await source.append(topic, [plain(value)]);
      expect((await readToEnd(source, topic)).map(({ value }) => value)).toEqual(values);
    };

    it("is read and written over TLS", () => writesAndReads(broker.tls, { tls: { ca: broker.ca } }));

    it.each(MECHANISMS[client])("lets in by %s, with and without TLS", async (mechanism) => {
      await writesAndReads(broker.sasl, { sasl: { mechanism, ...USER } });
      await writesAndReads(broker.saslTls, { sasl: { mechanism, ...USER }, tls: { ca: broker.ca } });
    });

    it.each(MECHANISMS[client])("says that it refuses a wrong password, by %s", async (mechanism) => {
      const source = connect(broker.sasl, { sasl: { mechanism, ...USER, password: "wrong" } });
      await expect(source.listTopics()).rejects.toMatchObject({
        code: "CONNECTION_REFUSED_RIGHTS",
        message: expect.stringMatching(/authentication failed/i),
      });
    });

    it("is not trusted without its certificate's signer", async () => {
      const source = connect(broker.tls, { tls: true, requestTimeoutMs: 1000 });
      await expect(source.listTopics()).rejects.toMatchObject({ code: "CONNECTION_FAILED", message: expect.stringMatching(/certificate/) });
    });
  });

  it.skipIf(cannotLaunch !== null)("is read on across the ends of sessions", async () => {
    const connections = new KafkaConnections([broker.sasl], "platformatic");
    const source = connections.source({ sasl: { mechanism: "PLAIN", ...USER } });
    const topic = freshName("sessions");
    await source.createTopic(topic, { partitions: 1 });
    const reader = source.openPartition(topic, 0);
    const signal = AbortSignal.timeout(60_000);
    const began = performance.now();
    for (let offset = 0; performance.now() - began < 2.5 * SESSION_MS; offset++) {
      await source.append(topic, [plain(`${offset}`)]);
      expect((await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 5000, signal })).nextOffset).toBe(offset + 1);
      await reader.fetch({ offset: offset + 1, maxBytes: 1 << 20, waitMs: 100, signal });
    }
    await reader.close();
    await connections.close();
    expect(connections.troubles).toEqual([]);
  });
});
