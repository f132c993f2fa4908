import { describe, expect, it } from "vitest";
import { scratch } from "../../support/scratch.ts";
import { sluice } from "../../support/sluice-process.ts";

const FILES = { "a.sql": "INSERT INTO t (n) VALUES (1), (2);", "b.sql": "SELECT n FROM t;\n\\format csv\n\\d" };

describe("sluice in scripts", () => {
  it("executes -c and -f in the order of the command line, statements and commands", async () => {
    const args = ["--until-end", "-f", "a.sql", "-c", "SELECT n AS first FROM t LIMIT 1", "-f", "b.sql"];
    const { code, stdout, stderr } = await sluice(args, { cwd: scratch(FILES) });
    expect([code, stderr]).toEqual([0, "2 records to embedded.t\nOutput format is csv.\n"]);
    expect(stdout).toBe(
      '{"first":1}\n{"n":1}\n{"n":2}\n\nconnection,topic,partitions\nembedded,t,1\n\nname,kind,connection,topic\n\nname,kind,connection,topic\n',
    );
  });

  it("takes a pipe, and ends with the first error at its place", async () => {
    const cwd = scratch(FILES);
    const input = "SHOW TOPICS;\nSELECT n FROM nowhere.at.all;\nSHOW CONNECTIONS;\n";
    const failed = await sluice([], { cwd, input });
    expect([failed.code, failed.stdout]).toEqual([1, ""]);
    expect(failed.stderr).toMatch(/^error TARGET_MISSING: /);
    const wrong = await sluice(["repl"], { cwd, input: "SHOW CONNECTIONS;\nSELCT;\n" });
    expect([wrong.code, wrong.stdout]).toEqual([1, ""]);
    expect(wrong.stderr).toContain("stdin:2:1 error SYNTAX");
    expect((await sluice([], { cwd, input: "" })).code).toBe(0);
  });

  it("goes on with --keep-going, and tells the first error by its exit code", async () => {
    const input = "SELCT;\n\\nothing\n\\i none.sql\nSHOW CONNECTIONS;\n";
    const { code, stdout, stderr } = await sluice(["--keep-going"], { cwd: scratch(), input });
    expect([code, stdout.split("\n").length]).toEqual([1, 2]);
    expect(stderr).toMatch(/stdin:1:1 error SYNTAX[\s\S]*error USAGE: there is no command[\s\S]*error FILE_UNREADABLE/);
  });

  it("leaves with \\q, and forgets what is behind it", async () => {
    const { code, stdout } = await sluice([], { cwd: scratch(), input: "\\q\nSHOW CONNECTIONS;\n" });
    expect([code, stdout]).toEqual([0, ""]);
  });

  it("runs INSERT … SELECT to the end with --until-end", async () => {
    const sql = "INSERT INTO t (n) VALUES (1), (2); INSERT INTO u SELECT n FROM t WHERE n > 1; SELECT n FROM u;";
    const { code, stdout, stderr } = await sluice(["query", sql, "--until-end"], { cwd: scratch() });
    expect([code, stdout]).toEqual([0, '{"n":2}\n']);
    expect(stderr).toContain("in 2 = applied 1 + filtered 1 + late 0 + dead-lettered 0; written 1");
  });
});
