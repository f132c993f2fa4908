import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import type { Connection, ConnectionConfig } from "../../src/ports/connection.ts";
import type { RouteTarget, Sink } from "../../src/ports/sink.ts";
import type { StateLog } from "../../src/ports/state-log.ts";
import type { Environment } from "../../src/runtime/environment.ts";
import type { StartThread } from "../../src/runtime/pipeline-thread.ts";
import type { FromPart, FromPipeline, ToPipeline } from "../../src/runtime/protocol.ts";
import { type PipelinePort, servePipeline } from "../../src/runtime/serve-pipeline.ts";
import { ROOMS_TABLE, roomsOf } from "./joins.ts";
import type { SimKafka } from "./kafka/sim-kafka.ts";
import { SimKafkaConnection } from "./kafka/sim-kafka-connection.ts";
import type { SimProcess } from "./sim-process.ts";
import { SimSink, type SinkWorld } from "./sim-sinks.ts";
import type { SimStateLogs } from "./sim-state-log.ts";

/** Where a defect can be planted: what stands between the runtime and the simulated outside. */
export interface Wiring {
  sink(sink: Sink, process: SimProcess, target: RouteTarget): Sink;
  stateLog(log: StateLog, process: SimProcess): StateLog;
  /** What is planted is a defect of transactions. */
  readonly isOfTransactions?: true;
  /** What is planted is a defect of partial results: seeds that have none cannot show it. */
  readonly isOfPartials?: true;
}

export const SOUND: Wiring = { sink: (sink) => sink, stateLog: (log) => log };

export interface ConnectionWorld extends SinkWorld {
  readonly stateLogs: SimStateLogs;
  readonly wiring: Wiring;
  /** null: state and topics are written without transactions. */
  readonly kafka: SimKafka | null;
}

/** The outside as a process sees it. */
export function environmentOf(process: SimProcess, world: ConnectionWorld): Environment {
  return {
    clock: process.clock,
    random: process.random,
    createDecoder,
    openConnection: async (config) => simConnection(config, process, world),
  };
}

function simConnection(config: ConnectionConfig, process: SimProcess, world: ConnectionWorld): Connection {
  const { broker, stateLogs, wiring } = world;
  const source = config.kind === "kafka" ? broker.sourceOf(process) : null;
  const transacting = config.kind === "kafka" && world.kafka !== null ? new SimKafkaConnection(world.kafka, process) : null;
  return {
    config,
    source,
    openSink: (target) =>
      process.request("open", target.name, () => {
        if (target.kind === "topic" && target.suffix === null) broker.create(target.name, target.partitions ?? 1);
        const isTransactional = transacting !== null && target.transactionOf !== undefined;
        return wiring.sink(isTransactional ? transacting.newSink(target) : new SimSink(world, process, target), process, target);
      }),
    openLookup: async ({ name }) => ({
      find: (keys, signal) =>
        process.request(
          "write",
          name,
          () => {
            if (name !== ROOMS_TABLE) throw new Error(`nothing is known of ${name}`);
            return roomsOf(keys);
          },
          { signal },
        ),
    }),
    checkTarget: async () => [],
    openStateLog: async (pipeline, partitions, transactional = []) => {
      if (transacting !== null) return wiring.stateLog(await transacting.openStateLog(pipeline, partitions, transactional), process);
      return process.request("ask", `state of ${pipeline}`, () => wiring.stateLog(stateLogs.logOf(pipeline, process), process));
    },
    keptState: null,
    readTable: () => null,
    listRelations: async () => [],
    diagnose: async () => [],
    close: async () => {
      source?.close();
      await transacting?.close();
    },
  };
}

/** Pipelines and parts of them in one process: messages take a while and keep their order. */
export function threadsOf(process: SimProcess, env: Environment): StartThread {
  return (start, onMessage) => {
    const toPipeline = channel<ToPipeline>(process, "told");
    const fromPipeline = channel<FromPipeline | FromPart>(process, "tells");
    fromPipeline.take = onMessage;
    const port: PipelinePort = {
      on: (_event, listener) => {
        toPipeline.take = listener;
      },
      postMessage: (message) => fromPipeline.give(message),
      close: () => {},
    };
    servePipeline(port, start, env);
    return { tell: (message) => toPipeline.give(message) };
  };
}

interface Channel<T> {
  give(message: T): void;
  take: (message: T) => void;
}

function channel<T extends { readonly kind: string }>(process: SimProcess, label: string): Channel<T> {
  const queue: T[] = [];
  const made: Channel<T> = {
    take: () => {},
    give: (message) => {
      queue.push(message);
      process.later(0.02, `${label} ${message.kind}`, () => made.take(queue.shift() as T));
    },
  };
  return made;
}
