import { must } from "../../assert.ts";
import type { BoundSource } from "../../model/statement.ts";
import type { CompiledJoins } from "../../plan/code/compile-joins.ts";
import { lagsOf } from "../../state/operators/new-operators.ts";
import type { Operator } from "../../state/operators/operator.ts";
import { pathOf } from "./operator-paths.ts";

/**
 * Stages that are joined to something else. They go by the stream time of the whole statement, and what they give is there before the
 * next record of another input meets it: so it depends on the merged log alone, and not on barriers.
 */
export class BesideStages {
  readonly isNone: boolean;
  /** Operators that records go to, and that have to be told the stream time. */
  readonly fed: readonly number[];
  /** Operators whose rows leave a stage, for what it is joined to, whose stream time follows. */
  readonly outlets: readonly number[];
  private readonly operators: readonly Operator[];
  /** By operator: by how much its stream time may be behind that of the records. */
  private readonly beforeMs: readonly number[];
  /** By operator: it is within a stage that is joined. */
  private readonly areBeside: readonly boolean[];
  /** Those that records of streams go to. */
  private readonly timed: readonly number[];
  /** By input: operators of stages that its records do not go through. */
  private readonly ofOthers: readonly (readonly number[])[];

  constructor(compiled: CompiledJoins, inputs: readonly BoundSource[], operators: readonly Operator[]) {
    this.operators = operators;
    this.beforeMs = lagsOf(compiled).before;
    const paths = operators.map((_, index) => pathOf(index, compiled));
    const isJoin = (index: number): boolean => must(compiled.operators[index]).kind === "join";
    this.areBeside = paths.map((path) => {
      const stage = path.findIndex((index) => !isJoin(index));
      return stage >= 0 && path.some((index, place) => place > stage && isJoin(index));
    });
    this.isNone = !this.areBeside.includes(true);
    const ports = compiled.inputs.map(({ operator }) => operator);
    const ofStreams = ports.filter((_, input) => must(inputs[input]).reads === "stream");
    const isTimed = (index: number): boolean => ofStreams.some((port) => must(paths[port]).includes(index));
    this.timed = [...new Set(ofStreams)];
    this.fed = this.timed.filter((index) => this.areBeside[index] === true);
    const all = [...operators.keys()].filter((index) => this.areBeside[index] === true);
    // Records of tables do not move stream time.
    this.outlets = all.filter((index) => isTimed(index) && !this.isBeside(must(compiled.nexts[index]).operator));
    this.ofOthers = ports.map((port) => all.filter((index) => !must(paths[port]).includes(index)));
  }

  others(input: number): readonly number[] {
    return must(this.ofOthers[input]);
  }

  isBeside(operator: number): boolean {
    return this.areBeside[operator] === true;
  }

  /** What its rows go to does not follow it at once. */
  waits(operator: number): boolean {
    return this.outlets.includes(operator);
  }

  /** That of the records of all streams. */
  get streamTimeMs(): number {
    return Math.max(...this.timed.map((index) => must(this.operators[index]).streamTimeMs));
  }

  /** The stream time of records from which on something leaves a stage; Infinity: nothing waits. */
  get limitMs(): number {
    let limitMs = Number.POSITIVE_INFINITY;
    for (const [index, isBeside] of this.areBeside.entries())
      if (isBeside) limitMs = Math.min(limitMs, must(this.operators[index]).nextExpiryMs + must(this.beforeMs[index]));
    return limitMs;
  }
}
