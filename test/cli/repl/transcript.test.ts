import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { helpText } from "../../../src/cli/repl/commands.ts";
import { replaceBlock } from "../../support/generated-block.ts";
import { scratch } from "../../support/scratch.ts";
import { sluice } from "../../support/sluice-process.ts";
import { ROOT } from "../../support/source-files.ts";
import { KEYS, Terminal } from "../../support/terminal.ts";

const CATALOG = `CREATE STREAM readings (home STRING, time TIMESTAMP, temperature DOUBLE)
WITH (key = 'home', timestamp = 'time');`;

/** A person at a terminal, and another one elsewhere. */
async function session(): Promise<string> {
  const cwd = scratch({ "sluice.yaml": "", "queries/catalog.sql": CATALOG });
  const terminal = new Terminal(["--from", "earliest"], { cwd, columns: 90, rows: 60 });
  const { enter, ctrlC } = KEYS;
  await terminal.prompt();
  await terminal.enter(`INSERT INTO readings VALUES${enter}  ('h1', '2026-03-01T12:00:10Z', 20.5), ('h2', '2026-03-01T12:00:20Z', 31);`);

  await terminal.complete("desc", "describe ");
  await terminal.complete("rea", "describe readings ");
  await terminal.enter(";");
  await terminal.complete("SELECT home, quan", "SELECT home, quantile");
  await terminal.complete("", "quantile_disc");
  await terminal.complete("_d", "SELECT home, quantile_disc(");
  await terminal.enter(`temperatur, 0.5)${enter}FROM readings GROUP BY home;`);

  terminal.type(`SELECT home, temperature FROM readings WHERE temperature > 21;${enter}`);
  await terminal.see(/h2 +│ +31/);
  const other = await sluice(["query", "INSERT INTO readings VALUES ('h1', '2026-03-01T12:01:05Z', 22)"], { cwd });
  expect(other.code).toBe(0);
  await terminal.see(/h1 +│ +22/);
  terminal.type(ctrlC);
  await terminal.see("(2 rows)");
  await terminal.prompt();

  await terminal.enter("\\chart temperature home");
  await terminal.enter("SELECT home, time, temperature FROM readings LIMIT 3;");
  terminal.type(`\\q${enter}`);
  await terminal.exited();
  return terminal.text.replaceAll(cwd, "~/thermometers");
}

it("docs/repl.md shows a session, and the commands, as they are", { timeout: 60_000 }, async () => {
  const path = "docs/repl.md";
  const shown = ["```text", "$ sluice --from earliest", await session(), "```"].join("\n");
  const commands = ["```text", helpText(), "```"].join("\n");
  const made = [
    ["session", shown],
    ["commands", commands],
  ].reduce((document, [name, block]) => replaceBlock(document, name as string, block as string), readFileSync(join(ROOT, path), "utf8"));
  await expect(made).toMatchFileSnapshot(`../../../${path}`);
});
