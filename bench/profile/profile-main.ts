import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { must } from "../../src/assert.ts";
import { DEFINITIONS } from "../definitions.ts";
import { exclusively } from "../exclusively.ts";
import { PATHS, ROOT } from "../paths.ts";
import { prepare } from "../prepare.ts";
import { type CpuProfile, type Digest, digest } from "./cpu-profile.ts";
import { profileFlags } from "./profile-flags.ts";

const HELP = `usage: npm run bench:profile -- NAME [--messages 5000000] [--broker HOST:PORT] [--top 6]
       npm run bench:profile -- FILE.cpuprofile…

Where CPU time goes, by the stations that a message passes. NAME is a run of Sluice without its first word, such as W2
(npm run bench -- --list); it is run once with node --cpu-prof, in all its threads. Files may be of any process.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: "string", default: "5000000" },
    broker: { type: "string" },
    top: { type: "string", default: "6" },
    help: { type: "boolean", short: "h", default: false },
  },
});

async function main(): Promise<void> {
  if (values.help || positionals.length === 0) return console.log(HELP);
  const areFiles = positionals.every((name) => name.endsWith(".cpuprofile"));
  if (areFiles) return print(digest(positionals.map(read)), null);
  const [name = ""] = positionals;
  const messages = await exclusively(() => runWithProfile(name));
  const files = readdirSync(PATHS.profile).map((file) => join(PATHS.profile, file));
  print(digest(files.map(read)), messages);
  console.log(`\nprofiles of ${files.length} threads in ${PATHS.profile}`);
}

/** Gives the number of messages. The profiles are written by the processes that the run starts. */
async function runWithProfile(name: string): Promise<number> {
  const wanted = `sluice ${name}`.toLowerCase();
  const definition = must(
    DEFINITIONS.find((each) => each.name.toLowerCase() === wanted),
    wanted,
  );
  const messages = Number(values.messages);
  const broker = await prepare([definition], messages, values.broker ?? null, (line) => console.log(line));
  process.env["NODE_OPTIONS"] = profileFlags().join(" ");
  const figures = await definition.run({ broker, messages, verify: false, root: ROOT });
  console.log(`${definition.name}: ${figures.messages} messages in ${figures.seconds.toFixed(2)} s`);
  return figures.messages;
}

function read(file: string): CpuProfile {
  return JSON.parse(readFileSync(file, "utf8")) as CpuProfile;
}

function print({ busySeconds, idleSeconds, stations }: Digest, messages: number | null): void {
  const line = (name: string, seconds: number): string => {
    const share = `${((100 * seconds) / busySeconds).toFixed(1).padStart(6)} %`;
    const perMessage = messages === null ? "" : `  ${((seconds / messages) * 1e6).toFixed(3)} µs a message`;
    return `${name.padEnd(20)}${seconds.toFixed(2).padStart(8)} s ${share}${perMessage}`;
  };
  for (const { station, seconds, functions } of stations) {
    console.log(`\n${line(station, seconds)}`);
    for (const each of functions.slice(0, Number(values.top))) {
      console.log(`    ${each.seconds.toFixed(2).padStart(6)} s  ${each.name}`);
    }
  }
  console.log(`\n${line("busy", busySeconds)}`);
  console.log(`${"idle".padEnd(20)}${idleSeconds.toFixed(2).padStart(8)} s`);
}

await main();
