import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "./machine.ts";
import { PATHS } from "./paths.ts";
import type { Run } from "./run.ts";

/** What is measured together: the first line of its file, the runs follow. */
export interface Session {
  /** ISO 8601 */
  readonly startedAt: string;
  readonly commit: string;
  /** With changes that are not committed. */
  readonly isModified: boolean;
  readonly messages: number;
  readonly rounds: number;
  /** Names of the runs. */
  readonly names: readonly string[];
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
}

export interface SessionFile {
  readonly path: string;
  readonly session: Session;
  readonly runs: readonly Run[];
}

export interface Step {
  readonly name: string;
  readonly round: number;
}

export function beginSession(session: Session, folder: string = PATHS.runs): SessionFile {
  mkdirSync(folder, { recursive: true });
  const time = session.startedAt.replace(/\.\d+Z$/, "").replaceAll(":", "");
  const path = join(folder, `${time}-${session.commit.slice(0, 9)}.jsonl`);
  writeFileSync(path, `${JSON.stringify(session)}\n`, { flag: "wx" });
  return { path, session, runs: [] };
}

/** The session that was begun last. */
export function lastSession(): SessionFile {
  const names = existsSync(PATHS.runs) ? readdirSync(PATHS.runs).filter((name) => name.endsWith(".jsonl")) : [];
  const latest = names.sort().at(-1);
  if (latest === undefined) throw new Error("nothing has been measured yet");
  return readSession(join(PATHS.runs, latest));
}

export function readSession(path: string): SessionFile {
  const text = readFileSync(path, "utf8");
  // A line that a crash has cut short is measured again.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  const [first = "null", ...rest] = whole.trimEnd().split("\n");
  return { path, session: JSON.parse(first) as Session, runs: rest.map((line) => JSON.parse(line) as Run) };
}

export function appendRun(path: string, run: Run): void {
  appendFileSync(path, `${JSON.stringify(run)}\n`);
}

/** What is still to be measured: round 1 of everything, then round 2 of everything, and so on. */
export function remainingSteps({ names, rounds }: Pick<Session, "names" | "rounds">, done: readonly Step[]): readonly Step[] {
  const key = ({ name, round }: Step): string => `${round} ${name}`;
  const measured = new Set(done.map(key));
  const all = Array.from({ length: rounds }, (_, index) => names.map((name) => ({ name, round: index + 1 })));
  return all.flat().filter((step) => !measured.has(key(step)));
}
