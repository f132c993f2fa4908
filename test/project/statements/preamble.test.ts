import { describe, expect, it } from "vitest";
import { parse } from "../../../grammar/parse.ts";
import { split } from "../../../grammar/split.ts";
import { afterStatement, pipelineText, type Said, writtenText } from "../../../src/project/statements/preamble.ts";

/** The text that a pipeline of the last statement has, line by line. */
function textOf(sql: string): readonly string[] {
  const pieces = split(sql);
  let preamble: readonly Said[] = [];
  for (const statement of parse(sql).statements) {
    const text = writtenText(sql, pieces, statement);
    if (statement.kind === "insert") return pipelineText(preamble, text).trimEnd().split("\n");
    preamble = afterStatement(preamble, { statement, text });
  }
  throw new Error("there is no INSERT");
}

const INSERT = "INSERT INTO hot SELECT id FROM readings;";

describe("the text of a pipeline", () => {
  it("is the statement with its comments, and a semicolon", () => {
    expect(textOf("SHOW TOPICS;\n-- hot ones\nINSERT INTO hot SELECT id FROM readings")).toEqual(["-- hot ones", INSERT]);
    expect(textOf("INSERT INTO hot /* ; */ SELECT ';' AS id FROM readings;")).toEqual([
      "INSERT INTO hot /* ; */ SELECT ';' AS id FROM readings;",
    ]);
  });

  it("has all settings in their order, also those that are taken back", () => {
    const settings = ["SET 'error.policy' = 'noop';", "UNSET 'error.policy';", "SET 'error.policy' = 'retry';"];
    expect(textOf([...settings, INSERT].join(" "))).toEqual([...settings, INSERT]);
  });

  it("has declarations and stages that it names, and those that these name", () => {
    const topic = "CREATE STREAM other (id INT) WITH (topic = 'readings');";
    expect(textOf(`CREATE STREAM cold (id INT);\n${topic}\n${INSERT}`)).toEqual([topic, INSERT]);
    const stage = "WITH READINGS AS (SELECT id FROM raw);";
    const raw = "CREATE STREAM `raw` (id INT);";
    expect(textOf(`${raw}\n${stage}\n${INSERT}`)).toEqual([raw, stage, INSERT]);
    expect(textOf(`CREATE STREAM readings_2 (id INT); CREATE STREAM old_readings (id INT); ${INSERT}`)).toEqual([INSERT]);
    expect(textOf(`CREATE STREAM readings (id INT); DROP STREAM readings; ${INSERT}`)).toEqual([INSERT]);
    expect(textOf(`CREATE STREAM readings AS SELECT id FROM raw; ${INSERT}`)).toEqual([INSERT]);
  });

  it("has the variables that it names, and those that these name, as often as they were defined", () => {
    const parts = ["DEFINE site = 'a';", "DEFINE topic = 'readings_${SITE}';", "DEFINE site = 'b';"];
    const insert = "INSERT INTO hot SELECT id FROM ${topic};";
    expect(textOf(`DEFINE other = 'x'; ${parts.join(" ")} ${insert}`)).toEqual([
      "DEFINE site = 'a';",
      "DEFINE topic = 'readings_${SITE}';",
      insert,
    ]);
    const stream = "CREATE STREAM ${topic} (id INT);";
    expect(textOf(`${parts.join(" ")} ${stream} ${INSERT}`)).toEqual([...parts.slice(0, 2), stream, INSERT]);
  });
});
