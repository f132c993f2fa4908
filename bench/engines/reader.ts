import { join } from "node:path";
import { dataSet, recordsOf, topicOf } from "../data/data-sets.ts";
import { measure } from "../measure.ts";
import type { Figures, RunContext } from "../run.ts";
import type { ReadReport } from "./read-topic.ts";

/** W0: what reading alone costs. */
export async function runReader({ broker, messages, root }: RunContext): Promise<Figures> {
  const data = dataSet("standard", messages);
  const args = [join(root, "bench/engines/read-topic.ts"), broker.address, topicOf(data)];
  const { stdout, ...usage } = await measure({ program: process.execPath, args }, broker);
  const report = JSON.parse(stdout) as ReadReport;
  if (report.messages !== recordsOf(data)) throw new Error(`${report.messages} records read, not ${recordsOf(data)}`);
  return { ...usage, ...report, secondHalfRate: null, results: 0 };
}
