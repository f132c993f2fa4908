import { expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { sourceSuite } from "../../conformance/source-suite.ts";
import { stateLogSuite } from "../../conformance/state-log-suite.ts";
import { topicSinkSuite } from "../../conformance/topic-sink-suite.ts";
import { describeWith } from "../needs.ts";
import { type Client, KafkaConnections } from "./connection.ts";

/** The contracts of the ports, through one of the client libraries. */
export function conformance(client: Client): void {
  describeWith("kafka", client, ({ brokers }) => {
    const warnings: string[] = [];
    process.on("warning", ({ name }) => warnings.push(name));

    sourceSuite(
      "kafka",
      async () => {
        const connections = new KafkaConnections(brokers, client);
        return { open: async () => connections.source(), close: () => connections.close() };
      },
      { sharesGroups: true },
    );

    topicSinkSuite("kafka", async () => {
      const connections = new KafkaConnections(brokers, client);
      return { connection: connections.open(), close: () => connections.close() };
    });

    stateLogSuite(
      "kafka",
      async () => {
        const connections = new KafkaConnections(brokers, client);
        return {
          open: (pipeline, partitions) => must(connections.open().openStateLog(pipeline, partitions), "state log"),
          keptState: () => must(connections.open().keptState, "kept state"),
          close: () => connections.close(),
        };
      },
      { fencing: "eventually" },
    );

    it("made the process print no warning", () => {
      expect(warnings).toEqual([]);
    });
  });
}
