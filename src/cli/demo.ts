import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { must } from "../assert.ts";
import type { Source } from "../ports/source.ts";
import { environment } from "../project/environment.ts";
import { openNamed } from "../project/open-named.ts";
import { PipelineGroup } from "../project/pipeline-group.ts";
import { openProject, type Project } from "../project/project.ts";
import { Readings, STANDARD_READINGS } from "../project/readings.ts";
import { inWorkers } from "../project/worker-threads.ts";
import { type CommonOptions, dataOption, defineCommand, examples, type SetExitCode, wholeNumber } from "./command.ts";
import { DemoWindows } from "./demo-windows.ts";
import { INTERRUPTED, onInterruption } from "./interruption.ts";
import { grouped, print } from "./output.ts";
import { packageRoot } from "./package-root.ts";
import { PipelineWatch } from "./pipeline-watch.ts";
import { exitCodeOf, reportOf, summary } from "./report.ts";
import { readPipelines } from "./run.ts";

interface DemoOptions extends CommonOptions {
  readonly messages?: number;
  readonly exit?: boolean;
  readonly report?: "json";
  readonly seed?: number;
  readonly rate?: number;
}

const TOPIC = "temperatures";
const RESULTS = "temperatures.aggregated";
const PARTITIONS = 4;
const BATCH = 5000;
const RATE = 20_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Readings that may wait before the generator pauses. */
const LAG_MAX = 200_000;

export function demoCommand(setExitCode: SetExitCode): Command {
  const command = new Command("demo")
    .description("shows the main job on embedded parts: readings → windows → indexes and a table, without any service")
    .addOption(dataOption())
    .option("--messages <count>", "make so many readings (default: go on for ever)", wholeNumber)
    .option("--exit", "read them to the end, close the windows, and end")
    .option("--rate <count>", "readings made in a second (default: 20,000; with --exit as fast as they are taken)", wholeNumber)
    .option("--seed <number>", "of the made-up readings: the same seed gives the same ones", wholeNumber)
    .addOption(new Option("--report <format>", "what was done, as one object on standard output").choices(["json"]))
    .addHelpText("after", examples("sluice demo", "sluice demo --messages 200000 --exit --report json"));
  return defineCommand<[], DemoOptions>(command, setExitCode, demo);
}

async function demo(options: DemoOptions): Promise<number> {
  const root = fileURLToPath(packageRoot());
  const project = await openProject({ config: join(root, "sluice.yaml"), data: options.data });
  const pipelines = await readPipelines(
    project,
    ["aggregate.sql", "persist.sql"].map((file) => join(root, "queries", "temperatures", file)),
  );
  if (pipelines === null) return 1;
  const watch = new PipelineWatch();
  const connection = await openNamed(project, environment, "kafka", (_, message) => watch.line(message));
  const source = must(connection.source);
  await source.createTopic(TOPIC, { partitions: PARTITIONS });
  await source.createTopic(RESULTS, { partitions: PARTITIONS });
  welcome(project, options, watch);
  const stopping = new AbortController();
  const windows = await DemoWindows.open(source, RESULTS, (line) => watch.line(line), stopping.signal);
  let lag = 0;
  const group = await PipelineGroup.start({
    project,
    pipelines,
    env: environment,
    startThread: inWorkers(),
    until: "follow",
    close: options.exit === true,
    progressIntervalMs: 200,
    onMessage: (message) => {
      watch.take(message);
      if (message.kind === "progress") lag = Math.max(0, ...message.statements.map((statement) => statement.lag));
    },
  });
  const interruption = onInterruption(
    (withinMs) => {
      stopping.abort();
      group.stop(withinMs);
    },
    (text) => watch.line(text),
  );
  await produce(source, options, () => lag, stopping.signal);
  if (options.exit === true && !stopping.signal.aborted) group.finish();
  const ended = await group.ended;
  await windows.close();
  interruption.dispose();
  watch.close();
  await connection.close();
  const report = reportOf(ended);
  if (options.report === "json") await print(JSON.stringify(report));
  else for (const line of summary(report)) watch.line(line);
  const code = exitCodeOf(ended, watch.failures);
  return code === 0 && interruption.happened() ? INTERRUPTED : code;
}

function welcome(project: Project, { messages, exit }: DemoOptions, watch: PipelineWatch): void {
  const count = messages === undefined ? "readings" : `${grouped(messages)} readings`;
  watch.line(`The main job on embedded parts: ${count} → 1-minute windows → an index per day, a table and an index of hot homes.`);
  watch.line(`Data is kept in ${project.dataDirectory}.${exit === true ? "" : " Ctrl-C ends it."}`);
}

/** Appends readings until there are as many as asked for, or for ever. */
async function produce(source: Source, options: DemoOptions, lag: () => number, signal: AbortSignal): Promise<void> {
  const { clock } = environment;
  const readings = new Readings({
    ...STANDARD_READINGS,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    startMs: await startMs(source),
  });
  const rate = options.rate ?? (options.exit === true ? Number.POSITIVE_INFINITY : RATE);
  const beganMs = clock.monotonic();
  const total = options.messages ?? Number.POSITIVE_INFINITY;
  for (let made = 0; made < total && !signal.aborted; ) {
    const size = Math.min(BATCH, total - made);
    await source.append(TOPIC, readings.batch(size));
    made += size;
    // Also where there is no time to lose: the pipelines run on the same thread.
    const aheadMs = (made / rate) * 1000 - (clock.monotonic() - beganMs);
    await clock.sleep(Math.max(aheadMs, 0), signal);
    while (lag() > LAG_MAX && !signal.aborted) await clock.sleep(20, signal);
  }
}

/** Yesterday, or after what an earlier demonstration has left: earlier readings would all be late. */
async function startMs(source: Source): Promise<number> {
  const yesterday = Math.floor((environment.clock.now() - DAY_MS) / MINUTE_MS) * MINUTE_MS;
  let last = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { endOffset } = await source.bounds(TOPIC, partition);
    if (endOffset === 0) continue;
    const reader = source.openPartition(TOPIC, partition);
    const { batches } = await reader.fetch({ offset: endOffset - 1, maxBytes: 1, waitMs: 0, signal: new AbortController().signal });
    for (const { timestampsMs, count } of batches) last = Math.max(last, timestampsMs[count - 1] ?? 0);
    await reader.close();
  }
  return last === 0 ? yesterday : Math.max(yesterday, Math.ceil(last / MINUTE_MS) * MINUTE_MS + MINUTE_MS);
}
