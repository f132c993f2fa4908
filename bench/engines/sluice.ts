import { dataSet, type ReadingsName, topicsOf } from "../data/data-sets.ts";
import { PARTITIONS } from "../data/readings.ts";
import type { Figures, RunContext } from "../run.ts";
import { createTopics, deleteTopics } from "../topics.ts";
import { expectedOf, verifyTopics } from "../verify-outputs.ts";
import { catalogText, outputsOf, type WorkloadName, workloadText } from "../workloads.ts";
import { deleteState, runPipeline } from "./run-pipeline.ts";

export interface SluiceRun {
  readonly workload: WorkloadName;
  readonly dataSet?: ReadingsName;
  readonly client?: "platformatic" | "kafkajs";
  readonly parallelism?: number;
  /** Windows that are open at the end are closed. */
  readonly closes?: boolean;
}

export async function runSluice(context: RunContext, options: SluiceRun): Promise<Figures> {
  const { broker, verify } = context;
  const { workload, dataSet: name = "standard", closes = false, ...others } = options;
  const data = dataSet(name, context.messages);
  const topics = topicsOf(name, data);
  const expected = expectedOf(workload, data, { closesAll: closes });
  const outputs = outputsOf(workload);
  // The targets of the peers are made before the clock starts, too.
  const targets = outputs.map(({ topic }) => topic);
  const clean = async (): Promise<void> => {
    await deleteTopics(broker.address, (topic) => targets.includes(topic));
    await deleteState(broker.address);
  };
  await clean();
  await createTopics(broker.address, targets, PARTITIONS);
  try {
    const texts = { catalog: catalogText(topics), text: workloadText(workload) };
    const project = { name: workload, folder: topics.readings, ...texts, close: closes, ...others };
    const { figures, statements } = await runPipeline(context, project);
    for (const [index, { rows }] of expected.entries()) {
      const written = statements[index]?.written ?? 0;
      // In update mode a row is written as often as it has changed by a commit.
      const isRight = outputs[index]?.isUpdated ? written >= rows : written === rows;
      if (!isRight) throw new Error(`${statements[index]?.name}: ${written} rows written, not ${rows}`);
    }
    if (verify) await verifyTopics(broker.address, outputs, expected);
    return { ...figures, results: statements.reduce((sum, { written }) => sum + written, 0) };
  } finally {
    await clean();
  }
}
