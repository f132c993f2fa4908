import { parseArgs } from "node:util";
import { must } from "../src/assert.ts";
import { checkOut } from "./checkout.ts";
import { endLeftover } from "./child.ts";
import { select } from "./definitions.ts";
import { exclusively } from "./exclusively.ts";
import { ROOT } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { type Comparison, compare, comparisonText, isRegression, PAIRS_MIN } from "./report/comparison.ts";
import type { Figures, RunContext, RunDefinition } from "./run.ts";

const HELP = `usage: npm run bench:compare -- BASE [OPTIONS]

Measures the checkout as it is beside the commit BASE in turns (base, head, head, base), on one broker and the same data.

  --only REGEX     runs of Sluice; "^sluice W[123]$" unless given (npm run bench -- --list)
  --rounds N       two pairs each; 5 unless given
  --messages N     5,000,000 unless given
  --threshold N    per cent of slowness that is put up with; 5 unless given

Head is faster or slower when the 95 % interval of the median ratio of the pairs leaves out 1; with fewer than ${PAIRS_MIN} pairs nothing
is said. Exit status 1: something is slower by more than the threshold.
`;

type Pair = readonly [base: Figures, head: Figures];

const say = (line: string): void => console.log(line);

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: "string", default: "^sluice W[123]$" },
      rounds: { type: "string", default: "5" },
      messages: { type: "string", default: "5000000" },
      threshold: { type: "string", default: "5" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [base] = positionals;
  if (values.help || base === undefined) {
    say(HELP);
    return values.help ? 0 : 2;
  }
  const definitions = select(new RegExp(values.only), false).filter(({ engine }) => engine === "sluice");
  if (definitions.length === 0) throw new Error(`no run of Sluice is named like ${values.only}`);
  endLeftover();
  const { root, commit } = await checkOut(base, say);
  const messages = Number(values.messages);
  const broker = await prepare(definitions, messages, null, say);
  const pairs = new Map<string, Pair[]>(definitions.map(({ name }) => [name, []]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const definition of definitions) {
      const context = { broker, messages, verify: round === 1 };
      const found = await fourRuns(definition, { ...context, root }, { ...context, root: ROOT });
      must(pairs.get(definition.name)).push(...found);
      say(`round ${round}  ${definition.name.padEnd(32)} ${found.map(pairText).join("   ")}`);
    }
  }
  say(`\nhead beside ${commit.slice(0, 9)}:`);
  const comparisons = [...pairs].flatMap(([name, measured]) => verdicts(name, measured));
  for (const { title, comparison } of comparisons) say(`${title.padEnd(56)} ${comparisonText(comparison)}`);
  return comparisons.some(({ comparison }) => isRegression(comparison, Number(values.threshold) / 100)) ? 1 : 0;
}

/** Base, head, head, base: what drifts with time is on both sides alike. */
async function fourRuns({ name, run }: RunDefinition, base: RunContext, head: RunContext): Promise<readonly Pair[]> {
  const runIn = (context: RunContext): Promise<Figures> =>
    run(context).catch((cause: unknown) => {
      throw new Error(`${name} of ${context === base ? "base" : "head"} failed: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    });
  const first = await runIn(base);
  const second = await runIn(head);
  const third = await runIn(head);
  const fourth = await runIn(base);
  return [
    [first, second],
    [fourth, third],
  ];
}

function verdicts(name: string, pairs: readonly Pair[]): readonly { readonly title: string; readonly comparison: Comparison }[] {
  const numbers = (figure: (figures: Figures) => number | null): [number, number][] =>
    pairs.flatMap(([base, head]) => {
      const [before, after] = [figure(base), figure(head)];
      return before === null || after === null ? [] : [[before, after]];
    });
  const rates = numbers(rateOf);
  const cpu = numbers(({ cpuSeconds }) => cpuSeconds);
  const results = [{ title: `${name}, messages a second`, comparison: compare(rates, "more") }];
  if (cpu.length > 0) results.push({ title: `${name}, CPU a message`, comparison: compare(cpu, "less") });
  return results;
}

const rateOf = ({ messages, seconds }: Figures): number => messages / seconds;
const pairText = ([base, head]: Pair): string => `${Math.round(rateOf(base) / 1000)} → ${Math.round(rateOf(head) / 1000)} k/s`;

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
try {
  process.exitCode = await exclusively(() => main(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
