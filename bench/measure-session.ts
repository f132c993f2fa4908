import { must } from "../src/assert.ts";
import { endLeftover } from "./child.ts";
import { DEFINITIONS, select } from "./definitions.ts";
import { commitOf, isChangedSince, machine, versions } from "./machine.ts";
import type { Options } from "./options.ts";
import { ROOT } from "./paths.ts";
import { prepare } from "./prepare.ts";
import type { Run, RunDefinition } from "./run.ts";
import { appendRun, beginSession, lastSession, readSession, remainingSteps, type SessionFile } from "./session.ts";

/** What the figures depend on. */
const MEASURED = ["src", "grammar", "bin", "package-lock.json"];

export interface Outcome {
  readonly file: SessionFile;
  /** The time was over before everything was measured. */
  readonly isCut: boolean;
  /** Names of the runs that failed. */
  readonly failed: readonly string[];
}

/** Begins a session or goes on with the last one. Every run is kept as soon as it is over; one that fails does not hold up the others. */
export async function measureSession(options: Options, say: (line: string) => void): Promise<Outcome> {
  const deadline = performance.now() + options.minutes * 60_000;
  endLeftover();
  const last = options.action === "resume" ? await resumable() : null;
  const definitions = last === null ? chosen(options) : last.session.names.map(definitionOf);
  const messages = last?.session.messages ?? options.messages;
  const done = last?.runs ?? [];
  const pending = definitions.filter(
    ({ name }) => done.filter((run) => run.name === name).length < (last?.session.rounds ?? options.rounds),
  );
  const broker = await prepare(pending, messages, options.broker, say);
  const { path, session } = last ?? (await begin(options, definitions));
  const steps = remainingSteps(session, done);
  say(`${steps.length} runs to go, appended to ${path}`);
  const failed: string[] = [];
  let isCut = false;
  for (const [index, step] of steps.entries()) {
    isCut = index > 0 && performance.now() > deadline;
    if (isCut) break;
    const place = `${String(index + 1).padStart(3)}/${steps.length}  round ${step.round}`;
    const definition = definitionOf(step.name);
    const verify = options.verifyAll || step.round === 1;
    try {
      const figures = await definition.run({ broker, messages, verify, root: ROOT });
      const run = { ...step, at: new Date().toISOString(), isVerified: verify && definition.hasOracle, ...figures };
      appendRun(path, run);
      say(`${place}  ${progressText(run, definition)}`);
    } catch (error) {
      failed.push(step.name);
      say(`${place}  ${step.name} failed: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { file: readSession(path), isCut, failed };
}

const definitionOf = (name: string): RunDefinition =>
  must(
    DEFINITIONS.find((each) => each.name === name),
    name,
  );

function chosen({ only, optional }: Options): readonly RunDefinition[] {
  const definitions = select(only, optional);
  if (definitions.length === 0) throw new Error(`no run is named like ${only.source}; --list shows them all`);
  return definitions;
}

async function begin({ rounds, messages }: Options, definitions: readonly RunDefinition[]): Promise<SessionFile> {
  const names = definitions.map(({ name }) => name);
  const startedAt = new Date().toISOString();
  return beginSession({ startedAt, ...(await commitOf()), messages, rounds, names, machine: machine(), versions: await versions() });
}

/** Figures of two versions of the engine do not belong into one table. */
async function resumable(): Promise<SessionFile> {
  const file = lastSession();
  const { commit } = file.session;
  if (!(await isChangedSince(commit, MEASURED))) return file;
  throw new Error(`the last session measured commit ${commit.slice(0, 9)}, and ${MEASURED.join(", ")} differ from it: begin a new one`);
}

function progressText({ name, messages, seconds, cpuSeconds, peakRssMb, otherCores }: Run, { workload }: RunDefinition): string {
  if (workload === "start") return `${name.padEnd(48)} ${seconds.toFixed(2)} s`;
  const parts = [`${Math.round(messages / seconds / 1000)} k messages/s`];
  if (cpuSeconds !== null) parts.push(`CPU ${cpuSeconds.toFixed(1)} s, ${((cpuSeconds / messages) * 1e6).toFixed(2)} µs a message`);
  if (peakRssMb !== null) parts.push(`RSS ${Math.round(peakRssMb)} MB`);
  if (otherCores !== null) parts.push(`others ${otherCores.toFixed(2)} cores`);
  return `${name.padEnd(48)} ${parts.join(", ")}`;
}
