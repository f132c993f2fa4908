import type { PipelinePlan } from "../../src/plan/pipeline-plan.ts";
import type { Environment } from "../../src/runtime/environment.ts";
import type { FromPipeline, LastMessage, StartMessage } from "../../src/runtime/protocol.ts";
import { type PipelineHandle, startPipeline } from "../../src/runtime/start-pipeline.ts";
import { CONNECTIONS } from "./scenario.ts";
import { type ConnectionWorld, environmentOf, threadsOf } from "./sim-connection.ts";
import { SimProcess } from "./sim-process.ts";

interface Running {
  readonly handle: PipelineHandle;
  readonly plan: PipelinePlan;
  isStopping: boolean;
}

const RESTART_MS = 300;

/** A process that runs pipelines as a server does: one that has failed is started again. */
export class Worker {
  readonly process: SimProcess;
  private readonly world: ConnectionWorld;
  private readonly environment: Environment;
  private readonly running = new Map<string, Running>();
  private readonly wanted = new Map<string, PipelinePlan>();
  private readonly parallelism: number;

  constructor(name: string, world: ConnectionWorld, parallelism: number) {
    this.process = new SimProcess(name, world.env);
    this.world = world;
    this.environment = environmentOf(this.process, world);
    this.parallelism = parallelism;
  }

  /** Runs it from now on, in the place of another plan of its name. */
  deploy(plan: PipelinePlan): void {
    this.wanted.set(plan.name, plan);
    const running = this.running.get(plan.name);
    if (running === undefined) this.start(plan, "follow");
    else this.end(running);
  }

  /** Stops everything in order; resolves when all has ended. */
  async stop(withinMs: number): Promise<void> {
    this.wanted.clear();
    const all = [...this.running.values()];
    for (const running of all) running.handle.stop(withinMs);
    await Promise.all(all.map(({ handle }) => handle.ended));
  }

  /** Reads to the end, closes what is open. */
  finish(plan: PipelinePlan): Promise<LastMessage> {
    return this.start(plan, "ends").ended;
  }

  private start(plan: PipelinePlan, until: "follow" | "ends"): PipelineHandle {
    const { env } = this.world;
    env.trace.add(env.time.nowMs, `${this.process.name} starts ${plan.name}`);
    const message: StartMessage = {
      kind: "start",
      plan,
      connections: CONNECTIONS,
      dataDirectory: "",
      until,
      close: until === "ends",
      start: null,
      to: null,
      progressIntervalMs: 1000,
      parallelism: this.parallelism,
    };
    const handle = startPipeline(message, {
      env: this.environment,
      startThread: threadsOf(this.process, this.environment),
      onMessage: (told) => this.told(plan, told),
    });
    const running: Running = { handle, plan, isStopping: false };
    this.running.set(plan.name, running);
    if (until === "follow") void handle.ended.then(() => this.again(plan.name));
    return handle;
  }

  private told(plan: PipelinePlan, message: FromPipeline): void {
    const { env } = this.world;
    if (message.kind === "failed" || message.kind === "statement-failed") {
      const { code, message: text, statement, partition } = message.error;
      env.trace.add(env.time.nowMs, `${this.process.name} ${plan.name} ${message.kind} ${statement}/${partition}: ${code} ${text}`);
      if (code === "INTERNAL") throw new Error(`${text}\n${message.error.stack}`);
    }
    const running = this.running.get(plan.name);
    if (message.kind === "statement-failed" && running !== undefined) this.end(running);
  }

  private end(running: Running): void {
    if (running.isStopping) return;
    running.isStopping = true;
    running.handle.stop(this.world.env.random.pick([0, 100, 3000]));
  }

  private again(name: string): void {
    this.running.delete(name);
    const { random } = this.world.env;
    this.process.later(RESTART_MS + random.below(RESTART_MS), `starts ${name} again`, () => {
      const plan = this.wanted.get(name);
      if (plan !== undefined && !this.running.has(name)) this.start(plan, "follow");
    });
  }
}
