import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../grammar/ast.ts";
import { lineAndColumn } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { analyzeCatalog } from "../../src/analyze/analyze-catalog.ts";
import { analyze, catalog } from "./catalog.ts";

const { streams } = analyzeCatalog(
  parse(`
    CREATE STREAM temperatures (deviceId STRING, homeId STRING, time TIMESTAMP, temperature DOUBLE, humidity DOUBLE, battery DOUBLE,
      room STRUCT<name STRING, floor INT>, tags ARRAY<STRING>, labels MAP<STRING, STRING>, price DECIMAL(10, 2), ok BOOLEAN,
      readings BIGINT) WITH (key = 'deviceId', timestamp = 'time', partitions = 4);
    CREATE STREAM keyless WITH (partitions = 2);
    CREATE STREAM nokeys WITH (key_format = 'none');`),
  catalog,
);

/** A case ends at an empty line; its expectations are the comment lines that begin with `--!`. */
const SAID = "--! ";

function described(text: string, { severity, code, message, hint, span }: Diagnostic): string {
  const { line, column } = lineAndColumn(text, span.start);
  return `${SAID}${line}:${column} ${severity} ${code} ${message}${hint === null ? "" : ` → ${hint}`}`;
}

function sqlOf(block: string): string {
  const lines = block.split("\n");
  return lines.filter((line) => !line.startsWith(SAID)).join("\n");
}

const isCase = (block: string): boolean => /^[^-]|^-- @name/.test(block);

const file = readFileSync(new URL("reject.sql", import.meta.url), "utf8");
const blocks = file.trim().split("\n\n").map(sqlOf);

describe("statements that are refused", () => {
  it("says about each what reject.sql says", async () => {
    const rendered = blocks.map((block) => {
      const said = isCase(block) ? analyze(block, { streams }).diagnostics.map((diagnostic) => described(block, diagnostic)) : [];
      return [block, ...said].join("\n");
    });
    await expect(`${rendered.join("\n\n")}\n`).toMatchFileSnapshot("reject.sql");
  });

  it.each(blocks.filter(isCase))("has something against %s", (sql) => {
    expect(analyze(sql, { streams }).diagnostics.length).toBeGreaterThan(0);
  });
});
