import { parseArgs } from "node:util";
import { aggregate } from "./aggregate.ts";
import { bulk } from "./bulk.ts";
import { cql } from "./cql.ts";
import { document } from "./document.ts";
import { encode } from "./encode.ts";
import { expression } from "./expression.ts";
import type { MicroBench, MicroOptions, WayResult } from "./harness.ts";
import { intern } from "./intern.ts";
import { join } from "./join.ts";
import { over } from "./over.ts";
import { read } from "./read.ts";
import { scan } from "./scan.ts";
import { walk } from "./walk.ts";
import { changingWindows, windows } from "./windows.ts";

const BENCHES: readonly MicroBench[] = [
  read,
  walk,
  scan,
  intern,
  expression,
  aggregate,
  windows,
  changingWindows,
  document,
  join,
  over,
  encode,
  bulk,
  cql,
];

const HELP = `usage: npm run bench:micro -- [NAME…] [--rounds 15] [--json] [--broker HOST:PORT --topic NAME]

CPU µs a row of single steps, beside what one would write without thinking about speed, in turns in one run: the ratios stay true
on a machine that does other work too.

${BENCHES.map(({ name, what }) => `  ${name.padEnd(18)} ${what}`).join("\n")}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "15" },
    json: { type: "boolean", default: false },
    broker: { type: "string" },
    topic: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const unknown = positionals.find((name) => BENCHES.every((bench) => bench.name !== name));
  if (unknown !== undefined) throw new Error(`there is no micro bench ${unknown}\n\n${HELP}`);
  const chosen = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const options: MicroOptions = { rounds: Number(values.rounds), broker: values.broker ?? null, topic: values.topic ?? null };
  const all: (Pick<MicroBench, "name" | "what"> & { readonly ways: readonly WayResult[] })[] = [];
  for (const { name, what, measure } of chosen) {
    const ways = await measure(options);
    if (ways === null) continue;
    all.push({ name, what, ways });
    if (!values.json) printBench(name, what, ways);
  }
  if (values.json) console.log(JSON.stringify(all, null, 2));
}

function printBench(name: string, what: string, ways: readonly WayResult[]): void {
  const naive = ways.find(({ isNaive }) => isNaive)?.microsARow.median ?? Number.NaN;
  console.log(`\n${name}: ${what}`);
  for (const way of ways) {
    const { median, least } = way.microsARow;
    const ratio = way.isNaive ? "" : `${(naive / median).toFixed(1).padStart(6)} ×`;
    console.log(`  ${way.name.padEnd(44)} ${median.toFixed(3).padStart(8)} µs a row (least ${least.toFixed(3)}) ${ratio}`);
  }
}

await main();
