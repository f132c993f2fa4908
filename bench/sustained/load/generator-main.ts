import { parseArgs } from "node:util";
import { must } from "../../../src/assert.ts";
import { serveParent } from "../child.ts";
import { openCluster } from "../kafka.ts";
import { Generator, type SendRound } from "./generator.ts";
import { Pools } from "./pools.ts";
import { ProduceSocket } from "./produce-socket.ts";
import type { FromGenerator, ToGenerator } from "./protocol.ts";

/** The generator's process: obeys the messages of the one that started it. */
const { values } = parseArgs({
  options: { brokers: { type: "string" }, topic: { type: "string" }, partitions: { type: "string" }, devices: { type: "string" } },
});
const topic = must(values.topic, "--topic");
const pools = new Pools(Number(values.devices), Number(values.partitions));
const sendRound = await connect(must(values.brokers, "--brokers"));
const generator = new Generator(pools, sendRound, (error) => {
  console.error("generator:", error);
  process.exit(1);
});

const parent = serveParent<ToGenerator, FromGenerator>(async (message) => {
  if (message.kind === "rate") return generator.setRate(message.recordsPerSecond);
  parent.send({ kind: "stopped", totals: await generator.stop() });
  process.exit(0);
});
setInterval(() => parent.send({ kind: "report", report: generator.report() }), 1_000);
parent.send({ kind: "ready" });

async function connect(brokers: string): Promise<SendRound> {
  const cluster = openCluster(brokers);
  const { node } = await cluster.leader(topic, 0);
  const known = must(await cluster.topic(topic));
  if (known.leaders.some((leader) => leader !== node)) throw new Error("the generator writes to a single broker");
  const broker = must((await cluster.metadata([])).brokers.find((each) => each.node === node));
  const socket = await ProduceSocket.open(broker, topic);
  await cluster.close();
  return (batches) => socket.send(batches);
}
