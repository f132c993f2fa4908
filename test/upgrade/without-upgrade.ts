import { join } from "node:path";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { runningFleet } from "../fleet/running-fleet.ts";
import { scratch } from "../support/scratch.ts";
import { untilStill } from "../support/until.ts";
import { appendRows, type Contents, HALVES, INDEXES, pipelines, type Row } from "./workload.ts";

export const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
  topics: { kind: embedded, as: kafka }
defaults: { source: topics, sink: elastic }
`;

type Running = Awaited<ReturnType<typeof runningFleet>>;

/** Into the topics of a project where nothing runs. */
export async function append(folder: string, rows: readonly Row[]): Promise<void> {
  const topics = openEmbedded({ name: "topics", kind: "embedded", as: "kafka", settings: {} }, join(folder, "data"), systemClock);
  await appendRows(topics.source, rows);
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
    const counters = async (): Promise<string | null> => {
      const all = statusOf(running).map(([, status]) => status);
      const isRunning = all.every((status) => status?.state === "running");
      return isRunning ? JSON.stringify(all.map((status) => status?.statements.map(({ counters }) => counters))) : null;
    };
    await untilStill(counters, 5, "all to be worked off", 40_000, 200);
    found = await contents(running);
    await running.close();
  }
  return found;
}
