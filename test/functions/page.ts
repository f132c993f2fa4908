import { AGGREGATE_FUNCTIONS, OBJECT_FAMILIES, SCALAR_FAMILIES, signature } from "../../src/functions/registry.ts";
import type { AggregateExample, Example } from "../../src/functions/spec.ts";

const INTRODUCTION = `# Functions

Generated from the tables in \`src/functions\`; \`npm run docs\` writes it anew, and a test compares. Every example runs as a test, and
through DuckDB where DuckDB has the function.

Names are found in any case. A NULL argument gives NULL unless the text says otherwise. A value outside of a function's domain is the
error of
its record, which goes by the statement's error policy, never a silent NULL. Results are shown as they are written in JSON. Fields of
unknown type are read as the type that a parameter wants.
`;

const AGGREGATES = `## Aggregates

They leave out rows in which an argument is NULL unless the text says otherwise. \`FILTER (WHERE …)\` behind an aggregate takes some of
the rows,
\`DISTINCT\` within it each value once. What keeps values is bounded (\`collectedValuesMax\`, \`distinctValuesMax\` in
\`src/limits.ts\`): of
more the result is refused, and that goes by the error policy; nothing is ever left out silently. Examples are over one group.
`;

const OWN = `## Functions of your own

Modules in the folder \`functions/\` beside \`sluice.yaml\` (\`.ts\`, \`.js\`) bring functions of the project; each export is one:

\`\`\`ts
export const celsius = {
  name: "celsius",
  parameters: [{ name: "fahrenheit", type: "number" }],
  result: "double",
  doc: "A temperature in degrees Celsius.",
  implement: (fahrenheit: number) => ((fahrenheit - 32) * 5) / 9,
};
\`\`\`

Statements are checked against the types; what the function throws is the error of the record. \`type\` is \`number\`, \`integer\`,
\`string\`, \`boolean\`, \`timestamp\`, \`text\` (anything, as text), \`any\`, or the name of a type; \`optional\`, \`repeated\`,
\`literal\` and \`nullable: true\` mean what they mean in our tables. In place of \`implement\` an aggregate has
\`collector: (types, literals) => ({ create, add, merge, retract, result, save, load })\`: \`merge(state, other)\` takes in another
state, whose rows came later, for windows that overlap and for sessions, \`retract(state, …values)\` takes a row back that is no longer in
a table. Both may be missing: the rows of a group are kept then, 10,000 at most (\`collectedValuesMax\`), and the result is computed anew
of them. \`save\` and \`load\` may be missing where the state is plain
data. The functions run in the threads of the pipelines, and must give the same for the same arguments: records are read again after
a crash. They give their results at once: what is \`async\` is refused. Kept state that was computed with a function does not fit
another one: when its code changes, the statement says STATE_MISMATCH and how to begin anew; code that it
calls elsewhere is not looked at.
`;

interface Entry {
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly doc: string;
  readonly differs?: string;
  readonly examples: readonly (Example | AggregateExample)[];
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const code = (text: string): string => (text.includes("`") ? `\`\` ${cell(text)} \`\`` : `\`${cell(text)}\``);

function exampleText(example: Example | AggregateExample): string {
  const shown = `${code(example.sql)} → ${code(JSON.stringify(example.result))}`;
  if (!("rows" in example)) return shown;
  const rows = example.rows.map((row) => (Object.keys(row).join() === "v" ? JSON.stringify(row["v"]) : JSON.stringify(row)));
  return `${shown} of ${code(rows.join(", ") || "no rows")}`;
}

function row(entry: Entry, shape: string): string {
  const also = entry.synonyms.length === 0 ? "" : ` Also ${entry.synonyms.map(code).join(", ")}.`;
  const differs = entry.differs === undefined ? "" : ` *${entry.differs}*`;
  return `| ${code(shape)} | ${cell(entry.doc)}${also}${cell(differs)} | ${entry.examples.slice(0, 2).map(exampleText).join("<br>")} |`;
}

function table(title: string, rows: readonly string[]): string {
  return [`### ${title}`, "", "| function | gives | examples |", "|---|---|---|", ...rows, ""].join("\n");
}

/** `docs/language/functions.md` */
export function functionsPage(): string {
  const scalars = Object.entries(SCALAR_FAMILIES).map(([title, family]) =>
    table(
      title,
      family.map((spec) => row(spec, signature(spec.name, spec.parameters))),
    ),
  );
  const numbers = table(
    "Numbers",
    AGGREGATE_FUNCTIONS.map((spec) => row(spec, `${spec.name}(${spec.star ? "* | value" : "value"})`)),
  );
  const objects = Object.entries(OBJECT_FAMILIES).map(([title, family]) =>
    table(
      title,
      family.map((spec) => row(spec, signature(spec.name, spec.parameters))),
    ),
  );
  return [INTRODUCTION, "## Functions of one record\n", ...scalars, AGGREGATES, numbers, ...objects, OWN].join("\n");
}
