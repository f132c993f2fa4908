import { join } from "node:path";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { runningFleet } from "../fleet/running-fleet.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { type Contents, HALVES, INDEXES, pipelines, type Row, recordOf } from "./workload.ts";

export const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
  topics: { kind: embedded, as: kafka }
defaults: { source: topics, sink: elastic }
`;

type Running = Awaited<ReturnType<typeof runningFleet>>;

/** While nothing runs there: else it would be up to chance whether a topic that is joined has its rows in time. */
export async function append(folder: string, rows: readonly Row[]): Promise<void> {
  const topics = openEmbedded({ name: "topics", kind: "embedded", as: "kafka", settings: {} }, join(folder, "data"), systemClock);
  for (const [topic, ofTopic] of Map.groupBy(rows, (row) => row.topic)) {
    await topics.source.createTopic(topic, { partitions: 2 });
    await topics.source.append(topic, ofTopic.map(recordOf));
  }
  await topics.close();
}

export async function contents(running: Running): Promise<Contents> {
  const all = INDEXES.map(async (index) => [index, await running.documents(index).catch(() => [])] as const);
  return new Map(await Promise.all(all));
}

export const statusOf = ({ fleet }: Running) => [...pipelines("topics").keys()].map((name) => [name, fleet.status(name)] as const);

/** What this release makes of all rows, in the same steps: what a table holds at the start enriches all that came before. */
export async function withoutUpgrade(): Promise<Contents> {
  const folder = scratch({ "sluice.yaml": CONFIG });
  let found: Contents = new Map();
  for (const rows of HALVES) {
    await append(folder, rows);
    const running = await runningFleet(folder);
    for (const [name, text] of pipelines("topics")) await running.put(name, text);
    let last = "";
    let equalTimes = 0;
    await until(
      async () => {
        const now = JSON.stringify(statusOf(running).map(([, status]) => status?.statements.map(({ counters }) => counters)));
        const isRunning = statusOf(running).every(([, status]) => status?.state === "running");
        equalTimes = now === last && isRunning ? equalTimes + 1 : 0;
        last = now;
        return equalTimes > 5;
      },
      "all to be worked off",
      40_000,
      () => last,
      200,
    );
    found = await contents(running);
    await running.close();
  }
  return found;
}
