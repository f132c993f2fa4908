import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { PipelinePlan } from "../../src/plan/pipeline-plan.ts";
import { repartition } from "../../src/plan/repartition.ts";
import type { LastMessage } from "../../src/runtime/protocol.ts";
import { SeededRandom } from "../property/random.ts";
import { compactionFindings } from "./compaction.ts";
import { type CrashPoint, FaultPlan, IN_FLIGHT, NO_FAULTS, randomOdds } from "./fault-plan.ts";
import type { Written } from "./items.ts";
import { SimKafka } from "./kafka/sim-kafka.ts";
import { MARKER_MS_MAX } from "./kafka/sim-transactions.ts";
import { chainPlan, MAIN, mainPlan, type Scenario } from "./scenario.ts";
import { SimBroker } from "./sim-broker.ts";
import { type ConnectionWorld, SOUND, type Wiring } from "./sim-connection.ts";
import { SESSION_MS } from "./sim-group.ts";
import type { SimEnvironment, SimProcess } from "./sim-process.ts";
import { SimStateLogs } from "./sim-state-log.ts";
import { SimIndexes, SimTables } from "./sim-stores.ts";
import { Trace } from "./trace.ts";
import { STEPS_PER_TURN, VirtualTime } from "./virtual-time.ts";
import { Watch } from "./watch.ts";
import { Worker } from "./worker.ts";
import type { Workload } from "./workload.ts";

export interface SimulationOptions {
  /** What goes wrong, how batches are cut and who comes first; by default the seed of the scenario. */
  readonly chance?: number;
  readonly hasFaults?: boolean;
  /** Where a process dies; the only fault, where there are no others. */
  readonly crashPoint?: CrashPoint;
  readonly wiring?: Wiring;
  /** Left out: where the seed says so, topics are written in transactions. */
  readonly mayTransact?: boolean;
  /** The target of the first statement never answers, until all others have come to the end. */
  readonly isFirstDead?: boolean;
  /** How many events are kept in words. */
  readonly traced?: number;
}

/** When all has to have come to rest after the last fault. */
const REST_MS_MAX = 180_000;
const LOOK_MS = 40;
const SKEW_MS_MAX = 4000;

/** One run of a scenario. */
export class Simulation {
  readonly scenario: Scenario;
  readonly trace: Trace;
  readonly broker: SimBroker;
  readonly indexes = new SimIndexes();
  readonly tables = new SimTables();
  /** null: nothing is written in transactions. */
  readonly kafka: SimKafka | null;
  readonly watch: Watch;
  readonly stateLogs: SimStateLogs;
  /** The last words of the pipelines, once everything is closed. */
  readonly last: LastMessage[] = [];
  readonly time: VirtualTime;
  private readonly random: SeededRandom;
  private readonly env: SimEnvironment;
  private readonly world: ConnectionWorld;
  private readonly hasFaults: boolean;
  private dead: Workload | null;
  private readonly slots: Worker[] = [];
  private plans: PipelinePlan[];
  private processes = 0;
  private error: unknown = null;
  private isOver = false;

  constructor(scenario: Scenario, options: SimulationOptions = {}) {
    this.scenario = scenario;
    this.hasFaults = options.hasFaults ?? true;
    this.dead = options.isFirstDead === true ? must(scenario.workloads[0]) : null;
    this.random = new SeededRandom((options.chance ?? scenario.seed) ^ 0x5bd1e995);
    this.trace = new Trace(options.traced);
    const { random, trace } = this;
    // The clients of real brokers gather requests within a turn of the event loop.
    const stepsPerTurn = scenario.isTransactional ? 1 : STEPS_PER_TURN;
    this.time = new VirtualTime(new SeededRandom(random.below(2 ** 31)), trace, stepsPerTurn);
    const odds = this.hasFaults ? randomOdds(random) : NO_FAULTS;
    this.env = { time: this.time, trace, random, faults: new FaultPlan(odds, random, options.crashPoint) };
    this.broker = new SimBroker(this.env);
    this.watch = new Watch(this.broker, this.workloads);
    this.stateLogs = new SimStateLogs(scenario.stateLog, this.env, this.watch);
    const { broker, indexes, tables, watch, stateLogs } = this;
    const { wiring = SOUND } = options;
    this.kafka = scenario.isTransactional ? new SimKafka(this.env, broker, stateLogs, watch) : null;
    this.world = { env: this.env, broker, indexes, tables, watch, stateLogs, wiring, kafka: this.kafka };
    this.plans = [mainPlan(scenario, scenario.workloads), chainPlan(scenario)].filter((plan) => plan !== null);
  }

  /** All statements that ran in the end. */
  get workloads(): readonly Workload[] {
    const { workloads, added } = this.scenario;
    return added === null ? workloads : [...workloads, added];
  }

  /** Where a process could have died. */
  get crashPoints(): readonly CrashPoint[] {
    // Where nothing is under way nothing can become of it.
    return this.env.faults.underWay.flatMap((others, request) =>
      (others === 0 ? (["arrives"] as const) : IN_FLIGHT).map((inFlight) => ({ request, inFlight })),
    );
  }

  async run(): Promise<void> {
    const limits = { ...lowered(this.random), aheadMs: this.scenario.aheadMs, wallsApartMsMax: 2 * SKEW_MS_MAX };
    const kept = Object.fromEntries(Object.keys(limits).map((name) => [name, LIMITS[name as keyof typeof LIMITS]]));
    Object.assign(LIMITS, limits);
    try {
      void this.play().catch((error: unknown) => {
        this.error = error;
        this.isOver = true;
      });
      // What follows the first violation says less than what led to it.
      await this.time.run(() => this.isOver || this.watch.violations.length > 0, this.scenario.lengthMs * 4 + REST_MS_MAX * 2);
    } finally {
      Object.assign(LIMITS, kept);
    }
    if (this.error !== null) throw this.error;
  }

  private async play(): Promise<void> {
    const { scenario, time, env } = this;
    for (const [topic, records] of Object.entries(scenario.records)) this.write(topic, records);
    for (let slot = 0; slot < scenario.workers; slot++) this.startWorker(slot);
    this.planChanges();
    if (this.dead !== null) env.faults.down.add(addressOf(this.dead));
    await time.sleep(scenario.lengthMs * 1.3);
    if (this.dead !== null) await this.untilRest();
    this.dead = null;
    this.endFaults();
    await this.untilRest();
    await this.close();
    env.trace.add(time.nowMs, "over");
    this.isOver = true;
  }

  /** Records come when their time has come. */
  private write(name: string, records: readonly Written[]): void {
    const topic = this.broker.create(name, this.scenario.partitions);
    let lastMs = 0;
    const append = (item: Written): void => {
      const partition = topic.partition(item.partition);
      const value = item.text === null ? null : Buffer.from(item.text);
      partition.append({ timestampMs: item.timestampMs, key: item.key === null ? null : Buffer.from(item.key), value, headers: null });
      if (item.hole > 0) partition.leaveHole(item.hole);
    };
    for (const item of records) {
      if (item.atMs < 0) {
        append(item);
        continue;
      }
      lastMs = Math.max(item.atMs, lastMs + 0.001);
      this.time.schedule(lastMs, "", () => append(item));
    }
  }

  private startWorker(slot: number): void {
    const worker = new Worker(`w${slot}.${this.processes++}`, this.world, this.scenario.parallelism);
    this.slots[slot] = worker;
    worker.process.onCrash(() => {
      const { random } = this;
      this.time.schedule(50 + random.below(3000), `slot ${slot} comes back`, () => {
        if (this.slots[slot] === worker && !this.isOver) this.startWorker(slot);
      });
    });
    if (this.hasFaults && !this.scenario.areTimesUncertain) worker.process.skewMs = this.random.pick([0, 0, -2000, 1000]);
    for (const plan of this.plans) worker.deploy(plan);
  }

  /** What happens at its time, by chance. */
  private planChanges(): void {
    const { random, scenario, time } = this;
    const at = (): number => random.below(scenario.lengthMs);
    if (scenario.added !== null) time.schedule(at(), "a statement is added", () => this.addStatement());
    if (!this.hasFaults) return;
    if (scenario.isTransactional) this.planZombies();
    const { faults } = this.env;
    const some = random.below(8);
    for (let change = 0; change < some; change++) {
      const slot = random.below(scenario.workers);
      const forMs = 100 + random.below(random.pick([500, 4000]));
      const target = addressOf(random.pick(this.workloads));
      const process = () => must(this.slots[slot]).process;
      const change = random.pick<readonly [string, () => void]>([
        ["crash", () => process().crash()],
        ["crash", () => process().crash()],
        ["stop", () => process().stop(forMs)],
        ["cut off", () => this.cutOff(slot, forMs)],
        ["rebalance", () => this.rebalance()],
        ["skew", () => this.skew(slot)],
        ["compact", () => this.compact()],
        ["down", () => this.takeDown(target, forMs)],
        ["slow", () => void faults.slow.set(target, random.below(800))],
        ["restart", () => this.redeploy()],
      ]);
      time.schedule(at(), `change: ${change[0]} ${slot}`, change[1]);
    }
  }

  /** Owners that others take for dead, and that go on: their transactions must come to nothing. */
  private planZombies(): void {
    const { random, scenario, time } = this;
    for (let slot = 0; slot < scenario.workers; slot++)
      time.schedule(random.below(scenario.lengthMs / 2), "a zombie", () => this.cutOff(slot, 2000 + random.below(2000)));
  }

  private addStatement(): void {
    this.plans = this.plans.map((plan) => (plan.name === MAIN ? mainPlan(this.scenario, this.workloads) : plan));
    this.redeploy();
  }

  private redeploy(): void {
    for (const worker of this.slots) if (worker.process.isAlive) for (const plan of this.plans) worker.deploy(plan);
  }

  private cutOff(slot: number, forMs: number): void {
    for (const group of this.broker.groups.values()) group.cut(must(this.slots[slot]).process, forMs);
  }

  private rebalance(): void {
    for (const group of this.broker.groups.values()) group.rebalance();
  }

  private skew(slot: number): void {
    const by = this.random.pick([-SKEW_MS_MAX, -500, 700, SKEW_MS_MAX]);
    if (!this.scenario.areTimesUncertain) must(this.slots[slot]).process.skewMs = by;
  }

  private takeDown(target: string, forMs: number): void {
    const { down } = this.env.faults;
    down.add(target);
    this.time.schedule(forMs, `${target} is back`, () => down.delete(target));
  }

  private compact(): void {
    for (const [name, partition] of this.stateLogs.partitions) {
      this.watch.violations.push(...compactionFindings(name, partition));
      partition.records = partition.compacted(this.random.chance(0.5));
    }
  }

  private endFaults(): void {
    const { faults, trace, time } = this.env;
    trace.add(time.nowMs, "the faults stop");
    faults.isActive = false;
    faults.down.clear();
    faults.slow.clear();
  }

  private async untilRest(): Promise<void> {
    const { time } = this;
    const limitMs = time.nowMs + REST_MS_MAX;
    while (!this.isAtRest) {
      if (time.nowMs > limitMs) throw new Error(`not at rest ${REST_MS_MAX} ms after the last fault: ${this.behind.join("; ")}`);
      await time.sleep(LOOK_MS);
    }
  }

  private get isAtRest(): boolean {
    return this.behind.length === 0;
  }

  /** With what is repartitioned as two statements. */
  private readonly asRun = (plan: PipelinePlan): PipelinePlan =>
    repartition(plan, ({ topic }) => this.broker.topics.get(topic)?.partitions.length ?? null);

  /** Statements whose checkpoints have not come to the end of the log. */
  private get behind(): readonly string[] {
    return this.plans.map(this.asRun).flatMap((plan) =>
      plan.statements.flatMap(({ statement: { name }, inputs, repartition }) => {
        // Those behind a dead topic wait for it as well.
        const isDead = this.dead !== null && name.startsWith(this.dead.statement) && repartition?.kind !== "partials";
        if (this.dead !== null && (plan.name !== MAIN || isDead)) return [];
        return inputs.flatMap(({ source }, input) => {
          const { topic: read } = must(plan.sources[source]);
          const topic = this.broker.topics.get(read);
          if (topic === undefined) return [`${plan.name} ${name} waits for ${read}`];
          return topic.partitions.flatMap(({ endOffset }, partition) => {
            const durable = this.watch.cursorOf(plan.name, name, partition, input);
            return durable >= endOffset ? [] : [`${plan.name} ${name} partition ${partition} of ${read} is at ${durable} of ${endOffset}`];
          });
        });
      }),
    );
  }

  /** Ends all workers, in order or not, and closes every window. */
  private async close(): Promise<void> {
    const { random, slots, time } = this;
    const isOrderly = !this.hasFaults || random.chance(0.5);
    const all = slots.splice(0);
    const alive = all.filter(({ process }) => process.isAlive);
    if (isOrderly) await Promise.all(alive.map((worker) => Promise.race([worker.stop(10_000), deathOf(worker.process)])));
    for (const { process } of alive) process.crash();
    await time.sleep(5000);
    this.watch.isClosing = true;
    for (const plan of this.plans) {
      this.last.push(await this.finish(plan));
      // The end of a transaction is answered before its partitions have heard of it.
      if (this.kafka !== null) await time.sleep(MARKER_MS_MAX);
    }
  }

  /** Once more, where the process dies on the way, and the others have heard of it: until then its partitions are nobody else's. */
  private async finish(plan: PipelinePlan): Promise<LastMessage> {
    for (;;) {
      const worker = new Worker(`last.${plan.name}.${this.processes++}`, this.world, this.scenario.parallelism);
      const last = await Promise.race([worker.finish(plan), deathOf(worker.process)]);
      if (last !== null) return last;
      await this.time.sleep(2 * SESSION_MS);
    }
  }
}

/** Resolves when it dies; with null. */
function deathOf(process: SimProcess): Promise<null> {
  return new Promise((resolve) => process.onCrash(() => resolve(null)));
}

/** What requests to a target are called. */
function addressOf({ name, target }: Workload): string {
  return target === "table" ? `ks.${name}` : name;
}

/** Smaller bounds, so that few records reach them. */
function lowered(random: SeededRandom): Partial<Record<keyof typeof LIMITS, number>> {
  return {
    batchRowsMax: random.pick([4, 50]),
    fetchWaitMs: 50,
    barrierChangesMax: random.pick([3, 20, 1000]),
    barriersUnackedMax: random.pick([1, 4]),
    routeBytesMax: random.pick([4_000, 100_000]),
    stateChunkBytesMax: random.pick([500, 5_000, 900_000]),
    stateUselessRecordsMax: random.pick([1, 10]),
    deltaGroupsCheap: random.pick([2, 10_000]),
    deltaGroupsMax: random.pick([6, 1 << 18]),
    deltaWaitMsMax: 300,
    dictionaryEntriesMax: random.pick([3, 65_536]),
    dictionaryRestRows: 30,
    internalRecordsKept: 3,
    shapesMax: random.pick([0, 0, 0, 8]),
  };
}
