import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import { type FindingsReport, wholeFinding } from "../../../src/cli/findings/finding.ts";
import { findingsText } from "../../../src/cli/findings/findings-text.ts";
import { githubCommands } from "../../../src/cli/findings/github-commands.ts";
import { junitXml } from "../../../src/cli/findings/junit-xml.ts";
import { markdownTable } from "../../../src/cli/findings/markdown-table.ts";
import { sarifLog } from "../../../src/cli/findings/sarif-log.ts";
import { scratch } from "../../support/scratch.ts";
import { sluice } from "../../support/sluice-process.ts";

const HOSTILE = "50% of <b>\"a\" & 'b'</b>,\r\n::error::x\u0000\u001b[31m | ]]> \ud800 `c`";

const REPORT: FindingsReport = {
  command: "check",
  subjects: [
    { suite: "a.sql", name: "a.sql", seconds: null, findings: [] },
    {
      suite: "queries/wei rd,:%ü.sql",
      name: HOSTILE,
      seconds: 1.25,
      findings: [
        {
          ...wholeFinding("queries/wei rd,:%ü.sql", { severity: "error", code: "SYNTAX", message: HOSTILE, hint: HOSTILE }),
          line: 2,
          column: 3,
        },
        {
          ...wholeFinding("queries/wei rd,:%ü.sql", { severity: "warning", code: "UNUSED", message: "unused", hint: null }),
          ...{ line: 2, column: 3, endLine: 2, endColumn: 9 },
        },
        {
          ...wholeFinding("/else/where.sql", { severity: "note", code: "SYNTAX", message: "two\nlines", hint: null }),
          ...{ line: 2, column: 3, endLine: 4, endColumn: 1 },
        },
        wholeFinding(null, { severity: "error", code: "USAGE", message: "of no file", hint: null }),
      ],
    },
  ],
};
const EMPTY: FindingsReport = { command: "test", subjects: [] };

describe("SARIF", () => {
  // Of draft 4, of which it uses nothing that later drafts read otherwise.
  const { $schema, id, ...schema } = createRequire(import.meta.url)("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json") as {
    readonly $schema: string;
    readonly id: string;
  };
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);

  it("is valid by its schema, whatever the findings hold", () => {
    for (const report of [REPORT, EMPTY]) {
      const isValid = validate(JSON.parse(sarifLog(report)));
      expect([isValid, validate.errors]).toEqual([true, null]);
    }
    expect(validate({ version: "2.1.0", runs: [{ results: [] }] }), "the schema refuses what is none").toBe(false);
  });

  it("has places, levels and rules", () => {
    const { runs } = JSON.parse(sarifLog(REPORT)) as { runs: { tool: { driver: { rules: unknown } }; results: unknown[] }[] };
    expect(runs[0]?.tool.driver.rules).toEqual([{ id: "SYNTAX" }, { id: "UNUSED" }, { id: "USAGE" }]);
    expect(runs[0]?.results[1]).toEqual({
      ruleId: "UNUSED",
      ruleIndex: 1,
      level: "warning",
      message: { text: "unused" },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "queries/wei%20rd%2C%3A%25%C3%BC.sql" },
            region: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 9 },
          },
        },
      ],
    });
    expect(runs[0]?.results[2]).toMatchObject({
      locations: [{ physicalLocation: { artifactLocation: { uri: "file:///else/where.sql" } } }],
    });
  });
});

describe("JUnit", () => {
  const schema = readFileSync(new URL("./junit-10.xsd", import.meta.url), "utf8");
  const problems = async (xml: string) => (await validateXML({ xml: [{ fileName: "junit.xml", contents: xml }], schema: [schema] })).errors;

  it("is valid by the schema that Jenkins has, whatever the findings hold", async () => {
    for (const report of [REPORT, EMPTY]) expect(await problems(junitXml(report))).toEqual([]);
    expect(await problems("<testsuites><testcase/></testsuites>")).not.toEqual([]);
  });

  it("has a case for each subject, which fails where it has an error", () => {
    const xml = junitXml(REPORT);
    expect(xml).toContain('<testsuites name="sluice check" tests="2" failures="1" errors="0" time="1.250">');
    expect(xml).toContain('<testcase name="a.sql" classname="check.a.sql"/>');
    expect(xml).toContain('<failure type="USAGE" message="of no file">error USAGE: of no file</failure>');
    expect(xml).toContain("<system-out>queries/wei rd,:%ü.sql:2:3 warning UNUSED: unused\n");
    expect(xml).toContain("50% of &lt;b&gt;&quot;a&quot; &amp; 'b'&lt;/b&gt;,&#13;&#10;::error::x\ufffd\ufffd[31m | ]]&gt; \ufffd `c`");
  });
});

describe("GitHub's workflow commands", () => {
  it("are one line each, with everything escaped that would end a property or the command", () => {
    const [first, second, third, fourth, ...more] = githubCommands(REPORT).trimEnd().split("\n");
    expect(more).toEqual([]);
    expect(first).toBe(
      "::error title=SYNTAX,file=queries/wei rd%2C%3A%25ü.sql,line=2,col=3::50%25 of <b>\"a\" & 'b'</b>,%0D%0A::error::x\u0000\u001b[31m | ]]> \ud800 `c`" +
        "%0Ahint: 50%25 of <b>\"a\" & 'b'</b>,%0D%0A::error::x\u0000\u001b[31m | ]]> \ud800 `c`",
    );
    expect(second).toBe("::warning title=UNUSED,file=queries/wei rd%2C%3A%25ü.sql,line=2,endLine=2,col=3,endColumn=8::unused");
    expect(third).toBe("::notice title=SYNTAX,file=/else/where.sql,line=2,endLine=4::two%0Alines");
    expect(fourth).toBe("::error title=USAGE::of no file");
  });
});

describe("Markdown", () => {
  it("keeps a finding in its row", () => {
    const lines = markdownTable(REPORT).trimEnd().split("\n");
    expect(lines.slice(0, 4)).toEqual(["### sluice check: 1 passed, 1 failed", "", "| place | | what |", "|---|---|---|"]);
    expect(lines).toHaveLength(8);
    for (const line of lines.slice(4)) expect(line.replaceAll("\\|", "").match(/\|/g)).toHaveLength(4);
    expect(markdownTable(EMPTY)).toBe("### sluice test: 0 passed, 0 failed\n");
  });
});

describe("check and fmt", () => {
  const files = { "queries/bad.sql": "INSERT INTO b\nSELECT id FORM a;\n", "queries/ugly.sql": "insert into b select id from a;\n" };

  it("tell programs what they found", async () => {
    const cwd = scratch(files);
    const check = await sluice(["check", "--output", "github"], { cwd });
    expect([check.code, check.stdout]).toEqual([
      1,
      expect.stringMatching(/^::error title=SYNTAX,file=queries\/bad.sql,line=2,endLine=2,col=11/),
    ]);
    const format = await sluice(["fmt", "--check", "--output", "json"], { cwd });
    expect([format.code, JSON.parse(format.stdout)]).toMatchObject([
      1,
      {
        command: "fmt",
        passed: 0,
        failed: 2,
        subjects: [
          { name: "queries/bad.sql", passed: false, findings: [{ code: "SYNTAX", line: 2 }] },
          { name: "queries/ugly.sql", findings: [{ code: "FORMAT", severity: "error", line: 1, hint: "sluice fmt queries/ugly.sql" }] },
        ],
      },
    ]);
    expect((await sluice(["fmt", "--output", "json"], { cwd })).code).toBe(2);
    expect((await sluice(["check", "--output", "yaml"], { cwd })).code).toBe(2);
  });

  it("write nothing where nothing was found", async () => {
    const cwd = scratch({ "queries/good.sql": "INSERT INTO b\nSELECT id\nFROM a;\n" });
    expect(await sluice(["check", "-o", "github"], { cwd })).toMatchObject({ code: 0, stdout: "" });
    expect(findingsText("json", EMPTY)).toContain('"failed": 0');
  });
});
