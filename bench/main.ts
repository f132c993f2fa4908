import { mkdirSync } from "node:fs";
import { must } from "../src/assert.ts";
import { type Broker, brokerMissing, startBroker, stopBroker, wipeBroker } from "./broker.ts";
import { dataSet, prepareData } from "./data/data-sets.ts";
import { DEFINITIONS, select } from "./definitions.ts";
import type { Peer } from "./engines/peers.ts";
import { runReader } from "./engines/reader.ts";
import { commitOf, machine, versions } from "./machine.ts";
import { endLeftover } from "./measure.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { PATHS } from "./paths.ts";
import { peersMissing, preparePeers } from "./prepare-peers.ts";
import { writeResults } from "./report/results.ts";
import { summarize } from "./report/summary.ts";
import { rateTable, sharingText, startTable } from "./report/table.ts";
import type { Run, RunDefinition } from "./run.ts";
import { appendRun, beginSession, latestSession, readSession, remainingSteps, type SessionFile } from "./session.ts";

const say = (line: string): void => console.log(line);

async function main(options: Options): Promise<void> {
  switch (options.action) {
    case "help":
      return say(HELP);
    case "list":
      return list();
    case "table":
      return report(lastSession());
    case "stop":
      return say((await stopBroker()) ? "the broker has stopped" : "the broker was not running");
    case "wipe":
      await wipeBroker();
      return say("the broker and its data are gone");
    case "measure":
    case "resume":
      return measureAll(options);
  }
}

function list(): void {
  for (const { name, dataSet: data, isOptional } of DEFINITIONS) {
    say(`${name.padEnd(48)} ${data}${isOptional ? ", optional" : ""}`);
  }
}

async function measureAll(options: Options): Promise<void> {
  mkdirSync(PATHS.home, { recursive: true });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  endLeftover();
  const deadline = performance.now() + options.minutes * 60_000;
  const file = options.action === "resume" ? await resumed() : await begun(options);
  const { session } = file;
  const definitions = session.names.map((name) =>
    must(
      DEFINITIONS.find((each) => each.name === name),
      name,
    ),
  );
  const steps = remainingSteps(session, file.runs);
  const pending = definitions.filter(({ name }) => steps.some((step) => step.name === name));
  const broker = await prepare(pending, session.messages, options.broker);
  say(`${steps.length} runs to go, appended to ${file.path}`);
  const failed: string[] = [];
  let isCut = false;
  for (const [index, step] of steps.entries()) {
    isCut = index > 0 && performance.now() > deadline;
    if (isCut) break;
    const definition = must(definitions.find(({ name }) => name === step.name));
    const verify = options.verifyAll || step.round === 1;
    try {
      const figures = await definition.run({ broker, messages: session.messages, verify });
      const isVerified = verify && definition.engine === "sluice" && figures.results > 1;
      const run = { ...step, at: new Date().toISOString(), isVerified, ...figures };
      appendRun(file.path, run);
      say(`${index + 1}/${steps.length}  round ${step.round}  ${progressText(run)}`);
    } catch (error) {
      failed.push(step.name);
      console.error(
        `${index + 1}/${steps.length}  round ${step.round}  ${step.name} failed: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  report(readSession(file.path));
  if (isCut) say("there is more to measure: npm run bench -- --resume");
  if (failed.length > 0) throw new Error(`failed, and tried again by --resume: ${failed.join(", ")}`);
}

async function begun({ only, optional, rounds, messages }: Options): Promise<SessionFile> {
  const definitions = select(only, optional);
  if (definitions.length === 0) throw new Error(`no run is named like ${only.source}; --list shows them all`);
  const names = definitions.map(({ name }) => name);
  const startedAt = new Date().toISOString();
  return beginSession({ startedAt, ...(await commitOf()), messages, rounds, names, machine: machine(), versions: await versions() });
}

/** Figures of two commits do not belong into one table. */
async function resumed(): Promise<SessionFile> {
  const file = lastSession();
  const { commit } = await commitOf();
  if (file.session.commit === commit) return file;
  throw new Error(`the last session measured commit ${file.session.commit.slice(0, 9)}, this is ${commit.slice(0, 9)}: begin a new one`);
}

function lastSession(): SessionFile {
  const file = latestSession();
  if (file === null) throw new Error("nothing has been measured yet");
  return file;
}

/** What the runs need. */
async function prepare(definitions: readonly RunDefinition[], messages: number, address: string | null): Promise<Broker> {
  const peers = definitions.map(({ engine }) => engine).filter((engine): engine is Peer => engine !== "sluice");
  if (address === null) {
    const missing = await brokerMissing();
    if (missing !== null) {
      throw new Error(
        `${missing}, so there is no broker of our own. Runs of Sluice need neither on another: --broker HOST:PORT --only ^sluice`,
      );
    }
  }
  if (peers.length > 0) {
    const missing = await peersMissing();
    if (missing !== null) throw new Error(`${missing}, so the peers cannot run (17 to 21 is wanted). Runs of Sluice can: --only ^sluice`);
    await preparePeers(peers, say);
  }
  const broker = address === null ? await startBroker(say) : { address, pid: null, isFresh: false };
  for (const name of new Set(definitions.map((definition) => definition.dataSet))) {
    await prepareData(broker.address, dataSet(name, messages), say);
  }
  if (broker.isFresh && definitions.some((definition) => definition.dataSet === "standard")) {
    say("warming the broker up");
    await runReader({ broker, messages, verify: false });
  }
  return broker;
}

function progressText({ name, messages, seconds, cpuSeconds, peakRssMb, otherCores }: Run): string {
  if (messages / seconds < 50_000) return `${name.padEnd(48)} ${seconds.toFixed(2)} s`;
  const parts = [`${Math.round(messages / seconds / 1000)} k messages/s`];
  if (cpuSeconds !== null) parts.push(`CPU ${cpuSeconds.toFixed(1)} s, ${((cpuSeconds / messages) * 1e6).toFixed(2)} µs a message`);
  if (peakRssMb !== null) parts.push(`RSS ${Math.round(peakRssMb)} MB`);
  if (otherCores !== null) parts.push(`others ${otherCores.toFixed(2)} cores`);
  return `${name.padEnd(48)} ${parts.join(", ")}`;
}

function report(file: SessionFile): void {
  if (file.runs.length === 0) throw new Error("nothing has been measured yet");
  const summaries = summarize(file.runs, DEFINITIONS);
  for (const part of [rateTable(summaries), sharingText(summaries), startTable(summaries)]) if (part !== "") say(`\n${part}`);
  say(`\nwritten: ${writeResults(file, DEFINITIONS).join(", ")}`);
}

main(parseOptions(process.argv.slice(2))).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
