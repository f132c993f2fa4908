import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLAUSE_NAMES, clauseSpec, factName } from "../../grammar/clause-table.ts";
import { parse } from "../../grammar/parse.ts";
import { printStatement } from "../../grammar/print.ts";
import { PROPERTY_SPECS } from "../../src/analyze/properties.ts";
import { CLAUSE_ROWS } from "../../src/analyze/target-clauses.ts";
import { replaceBlock } from "../support/generated-block.ts";

const docs = new URL("../../docs/language/clauses.md", import.meta.url);

describe("the table of clauses", () => {
  it.each(CLAUSE_NAMES)("has an example of %s that is read and printed as it stands", (name) => {
    const { example } = clauseSpec(name);
    const { statements, diagnostics } = parse(`SELECT a FROM t ${example}`);
    expect(diagnostics).toEqual([]);
    const printed = statements.map(printStatement).join("");
    expect(printed.split("\n").at(-1)?.replaceAll(" = ", "=")).toBe(example.replaceAll(" = ", "="));
  });

  it("makes docs/language/clauses.md (vitest -u writes it)", async () => {
    const rows = CLAUSE_NAMES.map((name) => {
      const { about, example, legacy } = clauseSpec(name);
      const code = example.includes("`") ? `\`\` ${example} \`\`` : `\`${example}\``;
      return `| ${code} | ${about}${legacy ? " First generation." : ""} | \`${factName(name)}\` |`;
    });
    const table = ["| clause | says | fact |", "|---|---|---|", ...rows].join("\n");
    const words = { yes: "yes", idle: "changes nothing", no: "–" };
    const honoured = CLAUSE_NAMES.map((name) => {
      const { why, topic, index, table: ofTable } = CLAUSE_ROWS[name];
      return `| \`${name}\` | ${words[topic]} | ${words[index]} | ${words[ofTable]} | ${why} |`;
    });
    const targets = ["| clause | topic | index | table | elsewhere |", "|---|---|---|---|---|", ...honoured].join("\n");
    const known = PROPERTY_SPECS.map(({ name, of, takes, about, read, idle }) => {
      const said = read !== undefined ? about : `${idle === true ? "Changes nothing" : "Refused"}: ${about}.`;
      return `| \`${name}\` | ${of === "cassandra" ? "tables" : "indexes"} | ${takes} | ${said} |`;
    });
    const properties = ["| property | of | takes | says |", "|---|---|---|---|", ...known].join("\n");
    const blocks = { clauses: table, targets, properties };
    const made = Object.entries(blocks).reduce((text, [name, block]) => replaceBlock(text, name, block), readFileSync(docs, "utf8"));
    await expect(made).toMatchFileSnapshot("../../docs/language/clauses.md");
  });
});
