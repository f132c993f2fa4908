import { readFileSync, statSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { scratch } from "../../support/scratch.ts";
import { sluice } from "../../support/sluice-process.ts";
import { KEYS, Terminal, type TerminalOptions } from "../../support/terminal.ts";
import { until } from "../../support/until.ts";

const CATALOG = "CREATE STREAM readings (home STRING, temperature DOUBLE) WITH (key = 'home');";
const FILES = { "sluice.yaml": "", "queries/catalog.sql": CATALOG };
const ROWS = "INSERT INTO readings VALUES ('h1', 20.5), ('h2', 31), ('h1', 22);";

async function started(options: Partial<TerminalOptions> & { readonly args?: readonly string[] } = {}): Promise<Terminal> {
  const terminal = new Terminal(options.args ?? ["--from", "earliest"], { cwd: scratch(FILES), ...options });
  await terminal.prompt();
  return terminal;
}

/** What is on the screen behind the last of these words. */
const behind = (terminal: Terminal, words: string): string => terminal.text.slice(terminal.text.lastIndexOf(words) + words.length);

describe("the prompt", { timeout: 60_000 }, () => {
  it("completes words with Tab, keywords in the letters of who writes them", async () => {
    const terminal = await started();
    await terminal.complete("SEL", "sluice> SELECT ");
    await terminal.complete("temperature FROM read", "sluice> SELECT temperature FROM readings ");
    await terminal.complete("wh", "FROM readings where ");
    await terminal.complete("hom", "readings where home");
    terminal.type(KEYS.ctrlC);
    await terminal.complete("\\ti", "sluice> \\timing");
  });

  it("shows what could come where there is a choice, fields of the relation among it", async () => {
    const terminal = await started();
    await terminal.complete("SELECT home FROM readings WHERE te", "WHERE temperature");
    await terminal.complete(" > json_ar", "> json_array_");
    await terminal.complete("", /json_array_contains +json_array_length/);
    await terminal.see(/\nsluice> SELECT home FROM readings WHERE temperature > json_array_$/);
  });

  it("takes a statement of several lines, and shows an error with its place and a hint", async () => {
    const terminal = await started();
    await terminal.enter(`SELECT home,${KEYS.enter}  temperatur${KEYS.enter}FROM readings -- no end: ;${KEYS.enter};`);
    expect(terminal.text).toContain("| FROM readings -- no end: ;\n| ;\n2:3 error UNKNOWN_FIELD");
    expect(terminal.text).toContain("    temperatur\n    ^^^^^^^^^^\n  hint: did you mean temperature?");
  });

  it("ends a live query with Ctrl-C, and nothing else; a second one at an empty prompt leaves", async () => {
    const terminal = await started();
    await terminal.enter(ROWS);
    terminal.type(`SELECT home, temperature FROM readings WHERE temperature > 21;${KEYS.enter}`);
    await terminal.see(/h2 +│ +31\n/);
    await terminal.see(/h1 +│ +22/);
    expect(terminal.text).not.toContain("rows)");
    terminal.type(KEYS.ctrlC);
    await terminal.see("(2 rows)");
    await terminal.prompt();
    await terminal.enter("SHOW TOPICS;");
    expect(terminal.text).toContain("embedded   │ readings │");
    terminal.type(`SELECT${KEYS.ctrlC}`);
    await terminal.see(/SELECT\nsluice> $/);
    terminal.type(KEYS.ctrlC);
    await terminal.see("(Ctrl-C again, Ctrl-D or \\q leaves)\nsluice> ");
    terminal.type(KEYS.ctrlC);
    expect(await terminal.exited()).toBe(0);
  });

  it("shows rows that others write while it follows, and keeps what is typed meanwhile", async () => {
    const cwd = scratch(FILES);
    const terminal = await started({ cwd });
    await terminal.enter(ROWS);
    terminal.type(`SELECT home, temperature FROM readings WHERE home = 'h9' LIMIT 1;${KEYS.enter}`);
    await terminal.see("LIMIT 1;");
    terminal.type(`SHOW VARIABLES;${KEYS.enter}`);
    const produced = await sluice(["query", "INSERT INTO readings VALUES ('h9', 1.5)"], { cwd });
    expect(produced.code).toBe(0);
    await terminal.see(/h9 +│ +1\.5\n\(1 row\)[\s\S]*name │ value[\s\S]*\(0 rows\)/);
    await terminal.prompt();
  });

  it("remembers whole statements over a restart, in a file for its owner alone, without secrets", async () => {
    const cwd = scratch(FILES);
    const env = { SLUICE_HISTORY: join(cwd, "state", "history") };
    const first = await started({ cwd, env });
    await first.enter("\\set password hunter2");
    await first.enter(`SHOW${KEYS.enter}STREAMS;`);
    first.type(KEYS.ctrlD);
    expect(await first.exited()).toBe(0);
    expect(statSync(env.SLUICE_HISTORY).mode & 0o777).toBe(0o600);
    expect(readFileSync(env.SLUICE_HISTORY, "utf8")).not.toContain("hunter2");

    const second = await started({ cwd, env });
    second.type(KEYS.up);
    await second.see("sluice> SHOW\n| STREAMS;");
    second.type(KEYS.enter);
    await second.see("readings │ stream");
    await second.prompt();
    second.type(KEYS.ctrlR);
    await second.see("bck-i-search: _");
    second.type("passw");
    await second.see("\\set password '***'");
  });

  it("shows a line a column with \\x, and by itself where the terminal is too narrow", async () => {
    const terminal = await started({ columns: 40 });
    await terminal.enter(ROWS);
    await terminal.enter("\\x");
    await terminal.enter("SELECT * FROM readings LIMIT 1;");
    expect(behind(terminal, "LIMIT 1;")).toMatch(/─\[ row 1 ]─+\nhome +│ h1\ntemperature +│ 20\.5\n/);
    await terminal.enter("\\x auto");
    await terminal.enter("SELECT * FROM readings LIMIT 1;");
    expect(behind(terminal, "LIMIT 1;")).toMatch(/\nhome │ temperature\n─+┼─+\nh1 +│ +20\.5\n/);
    await terminal.enter("SELECT home AS the_name_of_the_home, temperature AS the_temperature_in_it FROM readings LIMIT 1;");
    expect(behind(terminal, "LIMIT 1;")).toContain("\nthe_name_of_the_home  │ h1\n");
  });

  it("runs INSERT … SELECT until Ctrl-C, with its counters", async () => {
    const terminal = await started();
    await terminal.enter(ROWS);
    terminal.type(`INSERT INTO hot SELECT home, temperature FROM readings WHERE temperature > 21;${KEYS.enter}`);
    await terminal.see("3 messages");
    terminal.type(KEYS.ctrlC);
    await terminal.see("in 3 = applied 2 + filtered 1 + late 0 + dead-lettered 0; written 2");
    await terminal.prompt();
    await terminal.enter("SELECT home FROM hot LIMIT 2;");
    expect(behind(terminal, "LIMIT 2;")).toMatch(/h2\nh1\n\(2 rows\)/);
  });

  it("has commands with a backslash and, as other shells call them, with a dot", async () => {
    const cwd = scratch({ ...FILES, "rows.sql": `${ROWS}\n\\timing on\n` });
    const terminal = await started({ cwd, env: { EDITOR: "sed -i s/TOPICS/STREAMS/" } });
    await terminal.enter("\\i rows.sql");
    expect(terminal.text).toContain("3 records to embedded.readings\nTiming is on.");
    await terminal.enter(".tables");
    expect(terminal.text).toMatch(/embedded +│ readings/);
    expect(terminal.text).toMatch(/Time: [\d.]+ ms, 1 row, \d+ rows\/s/);
    await terminal.enter("SHOW TOPICS;");
    await terminal.enter("\\e");
    expect(behind(terminal, "\\e")).toMatch(/SHOW STREAMS;\nname +│ kind/);
    await terminal.enter("\\o out.csv");
    await terminal.enter(".mode csv");
    await terminal.enter("\\set what readings");
    await terminal.enter("SELECT home FROM ${what} LIMIT 3;");
    await terminal.enter("\\o");
    expect(readFileSync(join(cwd, "out.csv"), "utf8")).toBe("home\nh1\nh2\nh1\n");
    await terminal.enter("\\wacth");
    expect(terminal.text).toContain("error USAGE: there is no command \\wacth\n  hint: did you mean \\watch?");
    await terminal.enter(".mode table");
    terminal.type(`SHOW CONNECTIONS; \\watch 0.1${KEYS.enter}`);
    await terminal.see(/(every 0\.1 s\)[\s\S]*){3}/);
    terminal.type(KEYS.ctrlC);
    await terminal.prompt();
    terminal.type(`SELECT 1${KEYS.enter}\\q${KEYS.enter}`);
    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).toContain("(the statement before it has no ; and was not executed)");
  });

  it("draws numbers of windows", async () => {
    const terminal = await started({ args: ["--until-end"] });
    await terminal.enter(ROWS);
    await terminal.enter("\\chart temperature home");
    await terminal.enter("SELECT home, temperature FROM readings;");
    expect(behind(terminal, "FROM readings;")).toBe(`
home │ temperature │ ▁▃▅█
─────┼─────────────┼─────────────────────
h1   │        20.5 │ █████████████▎
h2   │          31 │ ████████████████████
h1   │          22 │ ██████████████▎
h1 ▁█ 20.5 … 22
h2 ▁ 31 … 31
(3 rows)
sluice> `);
  });

  it("sends long results that end through the pager, and lets a person leave it", async () => {
    const cwd = scratch(FILES);
    const terminal = await started({ cwd, rows: 12, env: { PAGER: "cat > paged.txt; echo paged" } });
    await terminal.enter("SHOW CONNECTIONS;");
    await terminal.enter("SHOW FUNCTIONS;");
    expect(behind(terminal, "SHOW FUNCTIONS;")).toBe("\npaged\nsluice> ");
    expect(readFileSync(join(cwd, "paged.txt"), "utf8")).toMatch(/^\n?function +│ kind\n[\s\S]* rows\)\n$/);
    const leaving = await started({ rows: 12, env: { PAGER: "head -n 1" } });
    await leaving.enter("SHOW FUNCTIONS;");
    expect(behind(leaving, "SHOW FUNCTIONS;")).toMatch(/^\nfunction +│ kind\nsluice> $/);
    const missing = await started({ rows: 12, env: { PAGER: "no-such-pager" } });
    await missing.enter("SHOW FUNCTIONS;");
    expect(missing.text).toMatch(/\(\d+ rows\)\nsluice> $/);
  });

  it("colours what is typed, without moving anything: on lines that wrap, with wide characters, in the middle", async () => {
    const screens = await Promise.all(
      ["1", ""].map(async (NO_COLOR) => {
        const terminal = await started({ columns: 40, env: { NO_COLOR } });
        terminal.type("SELECT home, temperature FROM readings WHERE home = '東京の家' -- here");
        await terminal.see("-- here");
        terminal.type("\u001b[D".repeat(" -- here".length));
        terminal.type(` AND temperature > 21${KEYS.enter}`);
        await terminal.see("| ");
        terminal.type("LIMIT 1");
        await terminal.see("| LIMIT 1");
        if (NO_COLOR === "") await until(() => terminal.written.includes("\u001b[94mLIMIT\u001b[39m \u001b[33m1\u001b[39m"), "colours");
        return terminal;
      }),
    );
    const [plain, colored] = screens as [Terminal, Terminal];
    const typed = (terminal: Terminal): string => terminal.text.slice(terminal.text.indexOf("sluice> "));
    expect(typed(colored)).toBe(typed(plain));
    expect(typed(plain)).toContain("'東京の家' AND temperature > 21");
    expect(colored.cursor).toEqual(plain.cursor);
    expect(colored.written).toContain("\u001b[94mSELECT\u001b[39m home");
    expect(colored.written).toContain("\u001b[32m'東京の家'\u001b[39m");
    expect(plain.written).not.toContain("\u001b[94m");
  });

  it("colours nothing of a text that is taller than the screen", async () => {
    const screens = await Promise.all(
      ["1", ""].map(async (NO_COLOR) => {
        const terminal = await started({ columns: 30, rows: 6, env: { NO_COLOR } });
        terminal.type(`SELECT home, ${"temperature + ".repeat(20)}`);
        await terminal.see(/(temperature \+ ){20}/);
        terminal.type("1 FROM readings");
        await terminal.see("1 FROM readings");
        return terminal.text.slice(terminal.text.indexOf("SELECT"));
      }),
    );
    expect(screens[1]).toBe(screens[0]);
  });

  it("gives up with Ctrl-C what waits for somebody who does not answer", async () => {
    const asking: Socket[] = [];
    const silent = createServer((socket) => asking.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of asking) socket.destroy();
      silent.close();
    });
    const node = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const cwd = scratch({ "sluice.yaml": `connections: { elastic: { kind: elasticsearch, node: '${node}' } }` });
    const terminal = await started({ cwd });
    terminal.type(`SHOW CONNECTIONS EXTENDED;${KEYS.enter}`);
    await until(() => asking.length > 0, "a question");
    terminal.type(KEYS.ctrlC);
    await terminal.prompt();
    await terminal.enter("SHOW VARIABLES;");
    expect(terminal.text).toContain("(0 rows)");
    terminal.type(KEYS.ctrlD);
    expect(await terminal.exited()).toBe(0);
  });

  it("ends what was typed before it is left", async () => {
    const terminal = await started();
    terminal.type(`SHOW STREAMS;${KEYS.enter}SHOW CONNECTIONS;${KEYS.enter}${KEYS.ctrlD}`);
    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).toMatch(/readings │ stream[\s\S]*embedded │ embedded/);
  });

  it("works on a terminal that can do nothing", async () => {
    const terminal = await started({ env: { TERM: "dumb" } });
    await terminal.enter(`SHOW${KEYS.enter}STREAMS;`);
    expect(terminal.text).toMatch(/readings │ stream/);
    expect(terminal.written).not.toContain("\u001b");
    terminal.type(`\\q${KEYS.enter}`);
    expect(await terminal.exited()).toBe(0);
  });

  it("executes pasted lines one after the other", async () => {
    const terminal = await started();
    terminal.type(`SHOW STREAMS;\nSHOW VARIABLES;\nSHOW CONNECTIONS;\n`);
    await terminal.see(/readings │ stream[\s\S]*\(0 rows\)[\s\S]*embedded │ embedded/);
    await terminal.prompt();
  });
});
