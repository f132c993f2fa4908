import { connect } from "../../adapters/elasticsearch/support.ts";
import { sinkSuite } from "../../conformance/sink-suite.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

describeWith("elasticsearch", "contract of sinks", ({ node }) => {
  let targets = 0;

  sinkSuite(
    "Elasticsearch",
    async () => {
      const scratch = new Scratch(node);
      const { connection } = connect({ node });
      return {
        connection,
        freshTarget: async () => scratch.name(`target${++targets}`),
        rows: async (target) => {
          const rows: Record<string, unknown>[] = [];
          for await (const slices of connection.readTable(target, new AbortController().signal) ?? []) {
            for (let row = 0; row < slices.count; row++) {
              rows.push(JSON.parse(slices.bytes.toString("utf8", slices.valueStarts[row], slices.valueEnds[row])));
            }
          }
          return rows;
        },
        close: async () => {
          await connection.close();
          await scratch.clean();
        },
      };
    },
    { kind: "index", tombstones: true, datedTargets: true, rejected: { reading: "warm" } },
  );
});
