import type { Engine, Run } from "../run.ts";
import { knownMedian, median } from "./statistics.ts";

/** The runs of one name. Medians, unless it says otherwise. */
export interface Summary {
  readonly name: string;
  readonly engine: Engine;
  readonly workload: string;
  readonly rounds: number;
  readonly messages: number;
  /** Messages a second from the first records to the last acknowledgement. */
  readonly rate: { readonly min: number; readonly median: number; readonly max: number };
  readonly seconds: { readonly min: number; readonly median: number; readonly max: number };
  readonly secondHalfRate: number | null;
  /** Of the whole process, its start included. */
  readonly cpuMicrosAMessage: number | null;
  readonly workCpuMicrosAMessage: number | null;
  readonly cpuSeconds: number | null;
  /** The highest. */
  readonly peakRssMb: number | null;
  readonly brokerCpuSeconds: number | null;
  readonly megabytesIn: number | null;
  readonly results: { readonly min: number; readonly max: number };
  readonly otherCores: number | null;
  readonly isVerified: boolean;
}

export interface Named {
  readonly name: string;
  readonly engine: Engine;
  readonly workload: string;
}

/** In the order of the definitions; those that were never measured are left out. */
export function summarize(runs: readonly Run[], definitions: readonly Named[]): readonly Summary[] {
  return definitions.flatMap((definition) => {
    const own = runs.filter(({ name }) => name === definition.name);
    return own.length === 0 ? [] : [summaryOf(definition, own)];
  });
}

function summaryOf({ name, engine, workload }: Named, runs: readonly Run[]): Summary {
  const of = (figure: (run: Run) => number | null): number | null => knownMedian(runs.map(figure));
  const perMessage = (figure: (run: Run) => number | null): number | null =>
    of((run) => {
      const seconds = figure(run);
      return seconds === null ? null : (seconds / run.messages) * 1e6;
    });
  const results = runs.map((run) => run.results);
  return {
    name,
    engine,
    workload,
    rounds: runs.length,
    messages: runs[0]?.messages ?? 0,
    rate: spread(runs.map((run) => run.messages / run.seconds)),
    seconds: spread(runs.map((run) => run.seconds)),
    secondHalfRate: of((run) => run.secondHalfRate),
    cpuMicrosAMessage: perMessage((run) => run.cpuSeconds),
    workCpuMicrosAMessage: perMessage((run) => run.workCpuSeconds),
    cpuSeconds: of((run) => run.cpuSeconds),
    peakRssMb: highest(runs.map((run) => run.peakRssMb)),
    brokerCpuSeconds: of((run) => run.brokerCpuSeconds),
    megabytesIn: of((run) => (run.bytesIn === null ? null : run.bytesIn / 1e6)),
    results: { min: Math.min(...results), max: Math.max(...results) },
    otherCores: of((run) => run.otherCores),
    isVerified: runs.some((run) => run.isVerified),
  };
}

function spread(values: readonly number[]): { min: number; median: number; max: number } {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
