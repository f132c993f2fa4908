import { readdirSync, readFileSync } from "node:fs";

/** What the system has counted for a process: all its threads. */
export interface Usage {
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** CPU seconds by thread. */
  readonly threads: ReadonlyMap<string, number>;
}

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** null: there is no such process any more. Needs /proc. */
export function usageOf(pid: number): Usage | null {
  try {
    const fields = statFields(`/proc/${pid}/stat`);
    const threads = new Map(readdirSync(`/proc/${pid}/task`).flatMap((id) => threadCpu(pid, id)));
    return { atMs: performance.now(), cpuSeconds: cpuOf(fields), rssBytes: Number(fields[21]) * PAGE_BYTES, threads };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** Cores that a process, and its busiest thread, used between two moments. */
export function coresBetween(before: Usage, after: Usage): { readonly cores: number; readonly busiestThread: number } {
  const seconds = (after.atMs - before.atMs) / 1000;
  const byThread = [...after.threads].map(([id, cpu]) => cpu - (before.threads.get(id) ?? 0));
  return { cores: (after.cpuSeconds - before.cpuSeconds) / seconds, busiestThread: Math.max(...byThread, 0) / seconds };
}

/** A thread may end between being listed and being read. */
function threadCpu(pid: number, id: string): readonly (readonly [string, number])[] {
  try {
    return [[id, cpuOf(statFields(`/proc/${pid}/task/${id}/stat`))]];
  } catch {
    return [];
  }
}

/** The fields behind the program's name, which may have blanks in it: the first is the state. */
function statFields(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function cpuOf(fields: readonly string[]): number {
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
