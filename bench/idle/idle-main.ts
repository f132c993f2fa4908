import { parseArgs } from "node:util";
import { must } from "../../src/assert.ts";
import type { RawRecord, Source } from "../../src/ports/source.ts";
import { freshName } from "../../test/conformance/names.ts";
import { KafkaConnections } from "../../test/services/kafka/connection.ts";
import { ServedProject } from "../../test/support/served-project.ts";
import { until } from "../../test/support/until.ts";
import { startBroker } from "../broker.ts";
import { interruption } from "../sustained/interruption.ts";
import { coresBetween, type Usage, usageOf } from "../sustained/measure/usage.ts";

const HELP = `usage: npm run bench:idle -- [--pipelines 10] [--partitions 4] [--seconds 180] [--limit 2] [--shared]
                                 [--broker HOST:PORT]

What a server costs whose pipelines have nothing to do: each reads a topic of its own, half of them with windows, has taken some records,
and has seen nothing since. Share of one core over the whole time, by /proc, of the server with and without pipelines; exits with 1 where
that with pipelines is above the limit (percent). With --shared its catalog is in Kafka, and it tells other servers how its pipelines stand.
`;
const RECORDS = 1_000;
/** Longer than idle.timeout: what closes then is closed. */
const SETTLE_MS = 40_000;

const { values } = parseArgs({
  options: {
    pipelines: { type: "string", default: "10" },
    partitions: { type: "string", default: "4" },
    // V8 looks at a heap that is idle after 100 seconds and after 200, and then no more: both are in it.
    seconds: { type: "string", default: "180" },
    limit: { type: "string", default: "2" },
    shared: { type: "boolean", default: false },
    broker: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

const sqlOf = (topic: string, isWindowed: boolean): string =>
  isWindowed
    ? `CREATE STREAM \`in_${topic}\` (id BIGINT, device STRING) WITH (topic = '${topic}', key = 'device');
       INSERT INTO \`${topic}.out\` SELECT device, window_start AS at, COUNT(*) AS n FROM \`in_${topic}\`
         WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT FINAL;`
    : `INSERT INTO \`${topic}.out\` SELECT id, device FROM \`${topic}\` WHERE id >= 0;`;

async function main(): Promise<boolean> {
  const signal = interruption();
  const brokers = (values.broker ?? (await startBroker((line) => console.log(line))).address).split(",");
  const connections = new KafkaConnections(brokers, "platformatic");
  const project = new ServedProject({
    "sluice.yaml": JSON.stringify({
      connections: { kafka: { kind: "kafka", brokers } },
      defaults: { source: "kafka", sink: "kafka" },
      ...(values.shared ? { server: { catalog: "kafka", "catalog.topic": freshName("idle.catalog") } } : {}),
    }),
  });
  try {
    await project.start();
    const alone = await measured(project.pid, "server without pipelines", 10, signal);
    await startPipelines(project, connections.source());
    await pause(SETTLE_MS, signal);
    const idle = await measured(project.pid, `${values.pipelines} idle pipelines`, Number(values.seconds), signal);
    console.log(`of which for pipelines: ${(100 * (idle - alone)).toFixed(2)} %; limit ${values.limit} %`);
    return 100 * idle < Number(values.limit);
  } finally {
    await project.close();
    await connections.close();
  }
}

async function startPipelines(project: ServedProject, source: Source): Promise<void> {
  const partitions = Number(values.partitions);
  const names = Array.from({ length: Number(values.pipelines) }, (_, n) => freshName(`idle${n}`));
  for (const [index, name] of names.entries()) {
    for (const topic of [name, `${name}.out`]) await source.createTopic(topic, { partitions });
    await source.append(
      name,
      Array.from({ length: RECORDS }, (_, id) => recordOf(id)),
    );
    await project.client.request("PUT", `/v1/pipelines/${name}`, sqlOf(name, index % 2 === 1));
  }
  const hasAll = async (name: string): Promise<boolean> => (await project.pipeline(name)).status.messages >= RECORDS;
  for (const name of names)
    await until(
      () => hasAll(name),
      `${name} to have its records`,
      60_000,
      () => project.log,
      200,
    );
}

function recordOf(id: number): RawRecord {
  const device = `device${id % 50}`;
  return { key: Buffer.from(device), value: Buffer.from(JSON.stringify({ id, device })), timestampMs: Date.now() };
}

/** Share of a core. */
async function measured(pid: number, what: string, seconds: number, signal: AbortSignal): Promise<number> {
  const before = must(usageOf(pid));
  await pause(seconds * 1000, signal);
  const after = must(usageOf(pid));
  const { cores } = coresBetween(before, after);
  console.log(`${what}: ${(100 * cores).toFixed(2)} % of a core over ${seconds} s, ${Math.round(after.rssBytes / 2 ** 20)} MB`);
  console.log(`  by thread: ${byThread(before, after, seconds)}`);
  return cores;
}

function byThread(before: Usage, after: Usage, seconds: number): string {
  const shares = [...after.threads].map(([id, cpu]) => (100 * (cpu - (before.threads.get(id) ?? 0))) / seconds);
  return `${shares
    .filter((share) => share > 0)
    .sort((a, b) => b - a)
    .map((share) => share.toFixed(2))
    .join(", ")} %`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

if (values.help) console.log(HELP);
else process.exitCode = (await main()) ? 0 : 1;
