import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServedProject } from "../../support/served-project.ts";
import { KEYS, Terminal } from "../../support/terminal.ts";
import { until } from "../../support/until.ts";

const CATALOG = "CREATE STREAM readings (home STRING, temperature DOUBLE) WITH (key = 'home');";
const ROWS = "INSERT INTO readings VALUES ('h1', 20.5), ('h2', 31), ('h1', 22);";

describe("the prompt on a server", { timeout: 60_000 }, () => {
  const served = new ServedProject({ "sluice.yaml": "", "queries/catalog.sql": CATALOG });

  beforeAll(() => served.start(), 60_000);
  afterAll(() => served.close());

  async function started(): Promise<Terminal> {
    const terminal = new Terminal(["repl", "--server", served.client.url, "--from", "earliest"], { cwd: served.folder });
    await terminal.prompt();
    return terminal;
  }

  it("executes statements there, each knowing what those before it said", async () => {
    const terminal = await started();
    expect(terminal.text).toContain(`Statements are executed by the server ${served.client.url}.`);
    await terminal.enter(ROWS);
    expect(terminal.text).toContain("3 records to embedded.readings");
    await terminal.enter("\\set what readings");
    await terminal.enter("CREATE STREAM own (n INT) WITH (topic = 'other');");
    await terminal.complete("SELECT n FROM ow", "SELECT n FROM own ");
    terminal.type(KEYS.ctrlC);
    await terminal.enter("SELECT home FROM ${what} LIMIT 3;");
    expect(terminal.text).toContain("LIMIT 3;\nhome\n────\nh1\nh2\nh1\n(3 rows)");
    await terminal.enter("\\dt");
    expect(terminal.text).toMatch(/embedded +│ readings +│ +1/);
  });

  it("shows an error with its place, also behind what was set", async () => {
    const terminal = await started();
    await terminal.enter("\\set a b");
    await terminal.enter(`SELECT home,${KEYS.enter}  temperatur FROM readings;`);
    expect(terminal.text).toContain("2:3 error UNKNOWN_FIELD");
    expect(terminal.text).toContain("    temperatur FROM readings;\n    ^^^^^^^^^^\n  hint: did you mean temperature?");
    await terminal.enter("EXPLAIN SELECT humidity FROM readings;");
    expect(terminal.text).toContain("1:16 error UNKNOWN_FIELD");
  });

  it("follows a topic until Ctrl-C, which ends that alone; INSERT … SELECT runs on", async () => {
    const terminal = await started();
    await terminal.enter("INSERT INTO hot SELECT home, temperature FROM readings WHERE temperature > 21;");
    await terminal.enter("SHOW PIPELINES;");
    expect(terminal.text).toMatch(/\nhot +│/);
    expect((await served.run("-c", "INSERT INTO readings VALUES ('h7', 40)")).code).toBe(0);
    await until(async () => (await served.rows("hot")).length > 0, "what the pipeline writes");
    terminal.type(`SELECT home, temperature FROM readings WHERE temperature > 35;${KEYS.enter}`);
    await terminal.see(/h7 +│ +40/);
    expect((await served.run("-c", "INSERT INTO readings VALUES ('h8', 41)")).code).toBe(0);
    await terminal.see(/h8 +│ +41/);
    terminal.type(KEYS.ctrlC);
    await terminal.see(/\d rows?\)\nsluice> $/);
    await terminal.enter("\\c 127.0.0.1:1");
    expect(terminal.text).toContain("error CONNECTION_FAILED: no server at http://127.0.0.1:1");
    await terminal.enter("\\c");
    expect(terminal.text.slice(terminal.text.lastIndexOf("\\c"))).toContain(`Statements are executed by the server ${served.client.url}.`);
    await terminal.enter("\\c -");
    expect(terminal.text).toContain("Statements are executed by this process");
  });

  it("executes scripts there", async () => {
    const done = await served.pipe("SELECT home FROM readings LIMIT 2; SHOW VARIABLES;", "repl", "--from", "earliest");
    expect([done.code, done.stdout]).toEqual([0, '{"home":"h1"}\n{"home":"h2"}\n']);
    const failed = await served.pipe("SHOW STREAMS; SELECT nothing FROM readings; SHOW STREAMS;", "repl");
    expect([failed.code, failed.stdout.split("\n").length]).toEqual([1, 2]);
    expect(failed.stderr).toContain("stdin:1:22 error UNKNOWN_FIELD");
  });
});
