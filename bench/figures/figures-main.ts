/** The figures of the language: prints docs/language/figures.md, and writes it with `--write`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "rolldown";
import { complete } from "../../grammar/complete.ts";
import { format } from "../../grammar/format.ts";
import { NO_NAMES } from "../../grammar/known-names.ts";
import { parse } from "../../grammar/parse.ts";
import { printPipeline } from "../../grammar/print.ts";
import { endOf, tokenize } from "../../grammar/tokens.ts";
import { listFunctions } from "../../src/functions/registry.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseArgs({ options: { write: { type: "boolean", default: false }, rounds: { type: "string", default: "30" } } });

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** CPU µs of a call, the median of rounds, after as many to warm up. */
function microsOf(call: () => void): number {
  const rounds = Number(values.rounds);
  for (let round = 0; round < rounds; round++) call();
  return median(
    Array.from({ length: rounds }, () => {
      const start = process.cpuUsage();
      call();
      const { user, system } = process.cpuUsage(start);
      return user + system;
    }),
  );
}

// --- the corpora ----------------------------------------------------------------------------------

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const identity = read("grammar/corpus/identity.sql");
const kcql = readdirSync(join(ROOT, "grammar/corpus/kcql")).flatMap((name) => read(`grammar/corpus/kcql/${name}`).trimEnd().split("\n\n"));
const expectations = [...kcql, read("grammar/corpus/reject.sql"), read("test/analyze/reject.sql")].flatMap((text) =>
  text.split("\n").filter((line) => line.startsWith("--! ")),
);
const job = read("queries/temperatures/aggregate.sql");
const kcqlTexts = kcql.map((block) => block.replace(/^--.*\n/gm, "")).filter((text) => text !== "" && !text.startsWith("--"));

// --- speed ----------------------------------------------------------------------------------------

function speed(): string[][] {
  const count = parse(identity).statements.length;
  const tokens = tokenize(identity).tokens.length;
  const { statements } = parse(identity);
  const prefixes = tokenize(identity).tokens.filter((_, index) => index % 17 === 0);
  const starts = prefixes.map((token) => endOf(token));
  const completion = microsOf(() => {
    for (const start of starts) complete(identity.slice(Math.max(0, identity.lastIndexOf(";", start) + 1), start), start, NO_NAMES);
  });
  const each = (micros: number, of: number): string => `${(micros / of).toFixed(1)} µs`;
  return [
    [
      `parse a statement (${count} of the identity corpus, ${(tokens / count).toFixed(0)} tokens on average)`,
      each(
        microsOf(() => parse(identity)),
        count,
      ),
    ],
    [
      `parse \`queries/temperatures/aggregate.sql\` (${tokenize(job).tokens.length} tokens)`,
      each(
        microsOf(() => parse(job)),
        1,
      ),
    ],
    [
      `parse a KCQL statement (${kcqlTexts.length} texts, those with errors too)`,
      each(
        microsOf(() => void kcqlTexts.map((text) => parse(text))),
        kcqlTexts.length,
      ),
    ],
    [
      "print a statement",
      each(
        microsOf(() => printPipeline(statements)),
        count,
      ),
    ],
    [
      "format a statement, with the proof that nothing was lost",
      each(
        microsOf(() => format(identity)),
        count,
      ),
    ],
    ["complete a word", `${(completion / starts.length / 1_000).toFixed(2)} ms`],
  ];
}

// --- size -----------------------------------------------------------------------------------------

async function sizes(): Promise<string[][]> {
  const entries = {
    "`parse`": ["parse"],
    "`parse`, `format`, `complete`, `hover`": ["parse", "format", "complete", "hover"],
  };
  const rows: string[][] = [];
  for (const [title, names] of Object.entries(entries)) {
    const code = names.map((name) => `export { ${name} } from ${JSON.stringify(join(ROOT, `grammar/${name}.ts`))};`).join("\n");
    const { output } = await build({
      input: "entry",
      plugins: [
        {
          name: "entry",
          resolveId: (id: string) => (id === "entry" ? "\0entry" : null),
          load: (id: string) => (id === "\0entry" ? code : null),
        },
      ],
      platform: "browser",
      output: { minify: true },
      write: false,
      cwd: ROOT,
      logLevel: "silent",
    });
    const text = output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
    const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;
    rows.push([
      `bundle for the browser with ${title}, minified`,
      `${kilobytes(Buffer.byteLength(text))}, ${kilobytes(gzipSync(text).length)} gzipped`,
    ]);
  }
  return rows;
}

// --- counts ---------------------------------------------------------------------------------------

function counts(): string[][] {
  const functions = listFunctions();
  const of = (kind: string): number => functions.filter((one) => one.kind === kind).length;
  const synonyms = functions.reduce((sum, one) => sum + one.synonyms.length, 0);
  const hinted = expectations.filter((line) => / [|→] /.test(line)).length;
  return [
    ["functions", `${functions.length}: ${of("scalar")} of a row, ${of("aggregate")} aggregates; ${synonyms} further names`],
    ["statements of the identity corpus, of KCQL", `${parse(identity).statements.length}, ${kcqlTexts.length}`],
    [
      "errors of the corpora that have a hint",
      `${hinted} of ${expectations.length}, ${((100 * hinted) / expectations.length).toFixed(0)} %`,
    ],
  ];
}

const table = (rows: readonly string[][]): string =>
  ["| what | figure |", "|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
const page = `# Figures of the language

Written by \`npm run figures\`: CPU time of one thread, the median of ${values.rounds} rounds over the whole corpus after as many to warm up, on
${cpus()[0]?.model ?? arch()}, Node ${process.versions.node}.

${table([...speed(), ...(await sizes()), ...counts()])}
`;
process.stdout.write(page);
if (values.write) writeFileSync(join(ROOT, "docs/language/figures.md"), page);
