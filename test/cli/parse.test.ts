import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { linesOf } from "../../src/client/lines.ts";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";

interface Line {
  readonly ok: boolean;
  readonly diagnostics: readonly { readonly severity: string; readonly code: string; readonly line: number; readonly column: number }[];
  readonly statements: readonly Record<string, unknown>[];
}

async function eachLine(text: string | Uint8Array): Promise<Line[]> {
  const file = join(scratch(), "texts.sql");
  writeFileSync(file, text);
  const { code, stdout, stderr } = await sluice(["parse", "--facts", "--each-line", file]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout === "" || stdout.endsWith("\n")).toBe(true);
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

describe("sluice parse --facts --each-line", () => {
  it("makes a line of every line, whatever is in it", async () => {
    const lines = await eachLine(
      "SELECT a FROM t\n\nSELECT a FORM t\nINSERT INTO x SELECT a FROM t PK a; SELECT b FROM u\n\u0000\ud800\nSELECT '",
    );
    expect(lines.map(({ ok, statements }) => [ok, statements.length])).toEqual([
      [true, 1],
      [true, 0],
      [false, 0],
      [true, 2],
      [false, 0],
      [false, 0],
    ]);
    const message = expect.stringContaining("FORM");
    const hint = "did you mean FROM?";
    expect(lines[2]?.diagnostics).toEqual([{ severity: "error", code: "SYNTAX", line: 1, column: 10, message, hint }]);
  });

  it("takes only \\n for the end of a line", async () => {
    const lines = await eachLine("SELECT a\r FROM t\r\nSELECT\u2028b FROM t\n");
    expect(lines.map(({ ok, statements }) => [ok, statements.length])).toEqual([
      [true, 1],
      [true, 1],
    ]);
  });

  it("is not ended by warnings", async () => {
    const [line] = await eachLine("INSERT INTO x SELECT a FROM t WITHINDEXSUFFIX=_{YYYY}");
    expect(line).toMatchObject({ ok: true, diagnostics: [{ severity: "warning", code: "INVALID_DATE_PATTERN", line: 1, column: 49 }] });
  });

  it("refuses a line that is too long, and goes on", async () => {
    const lines = await eachLine(`SELECT a FROM t WHERE b IN (${"1,".repeat(1 << 20)}1)\nSELECT a FROM t`);
    expect(lines.map(({ ok, diagnostics }) => [ok, diagnostics.map(({ code }) => code)])).toEqual([
      [false, ["TOO_LARGE"]],
      [true, []],
    ]);
  });
});

describe("sluice parse --facts", () => {
  it("prints one document of a whole text; 1 if there is an error", async () => {
    const good = await sluice(["parse", "--facts", "-"], { input: "SELECT a FROM t;\nSELECT b\nFROM u" });
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, statements: [{ source: "t" }, { source: "u" }] });
    const bad = await sluice(["parse", "--facts", "-"], { input: "SELECT a FROM t;\nSELECT b FORM u" });
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, diagnostics: [{ line: 2, column: 10 }], statements: [] });
  });
});

describe("linesOf", () => {
  const lines = async (chunks: readonly Uint8Array[], lengthMax = 100): Promise<string[]> => {
    const found: string[] = [];
    for await (const line of linesOf(Readable.from(chunks), lengthMax)) found.push(line);
    return found;
  };

  it("does not mind where chunks end, not even within a character", async () => {
    const bytes = new TextEncoder().encode("a\n\näö\r\n𝄞z\nlast");
    for (let size = 1; size <= bytes.length; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      expect(await lines(chunks)).toEqual(["a", "", "äö\r", "𝄞z", "last"]);
    }
  });

  it("has no line behind the last \\n, and none in nothing", async () => {
    expect(await lines([new TextEncoder().encode("a\n")])).toEqual(["a"]);
    expect(await lines([])).toEqual([]);
  });

  it("keeps no more of a line than is needed to see that it is too long", async () => {
    const chunks = Array.from({ length: 50 }, () => new TextEncoder().encode("0123456789"));
    expect((await lines(chunks, 25)).map(({ length }) => length)).toEqual([26]);
  });
});
