import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { type Shown, TestSession } from "../project/statements/session.ts";

const page = readFileSync(new URL("../../docs/language/administration.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/```sql\n(.*?)```/gs)].map((match) => match[1] as string);
/** Assertions are about what others have written. */
const examples = blocks.filter((sql) => !sql.startsWith("ASSERT"));

const PROJECT = {
  "sluice.yaml": "connections:\n  kafka:\n    kind: embedded\n    as: kafka\n",
  "queries/temperatures/persist.sql": "INSERT INTO kept SELECT * FROM readings;",
};
const READINGS = `CREATE OR REPLACE STREAM readings (id STRING KEY, time TIMESTAMP, temperature DOUBLE, tags MAP<STRING, STRING>,
  trace STRING HEADER('trace-id')) WITH (timestamp = 'time', partitions = 4);
CREATE TABLE IF NOT EXISTS devices (id STRING PRIMARY KEY, name STRING);
INSERT INTO readings (id, temperature) VALUES ('a', 29), ('b', 21);`;

describe("docs/language/administration.md", () => {
  it.each(examples)("has statements that are executed: %s", async (sql) => {
    const session = await TestSession.open(PROJECT);
    await session.run(READINGS);
    for (const { span, kind } of parse(sql).statements) {
      const text = sql.slice(span.start, span.end);
      const [shown] = (await session.run(text)) as readonly [Shown];
      const isRefused = /^(PAUSE|RESUME|RESTART)|^CREATE STREAM hot AS/.test(text);
      expect(shown, text).toEqual(
        isRefused
          ? { errors: [expect.stringContaining("STATEMENT_NOT_ALLOWED")] }
          : expect.not.objectContaining({ errors: expect.anything() }),
      );
      if (kind === "print") expect(shown).toMatchObject({ documents: [expect.anything()] });
    }
  });
});
