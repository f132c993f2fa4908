import { describe, expect, it } from "vitest";
import { readKsqlTests } from "../../../src/project/row-tests/ksql-tests.ts";
import { ksqlTested, problemsOf } from "./tested.ts";

const FOO = "CREATE STREAM foo (id INT KEY, n INT) WITH (kafka_topic = 'foo', value_format = 'JSON');";
const BAR = "CREATE STREAM bar AS SELECT * FROM foo;";

/** Passed and failed: `name` or `name 5:1 CODE …`. */
async function outcomes(text: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const tested = await ksqlTested(text, files);
  return tested.outcomes.map((outcome) => [outcome.name, ...problemsOf({ ...tested, outcomes: [outcome] })].join(" "));
}

describe("files of ksqlDB's testing tool", () => {
  it("run each test on parts of its own, statement by statement", async () => {
    const text = `-----------------------
--@test: copies
-----------------------
${FOO}
${BAR}
ASSERT STREAM bar (id INT KEY, n INT) WITH (kafka_topic = 'BAR', value_format = 'JSON');
SET 'ksql.key.format.enabled' = 'true';
INSERT INTO foo (rowtime, id, n) VALUES (5, 1, 2);
ASSERT VALUES bar (rowtime, id, n) VALUES (5, 1, 2);

--@test: each change of a group
${FOO}
CREATE TABLE counts AS SELECT id, COUNT(*) AS c FROM foo GROUP BY id;
INSERT INTO foo (id, n) VALUES (1, 1);
INSERT INTO foo (id, n) VALUES (1, 1);
ASSERT VALUES counts (id, c) VALUES (1, 1);
ASSERT VALUES counts (id, c) VALUES (1, 2);

--@test: one behind the other
DEFINE least = '1';
${FOO}
CREATE STREAM more AS SELECT id, n + 1 AS n FROM foo;
INSERT INTO foo (id, n) VALUES (1, 1);
CREATE STREAM twice AS SELECT id, n * 2 AS n FROM more WHERE n > \${least};
INSERT INTO foo (id, n) VALUES (1, 0);
ASSERT VALUES twice (id, n) VALUES (1, 4);

--@test: replaced
${FOO}
${BAR}
CREATE STREAM baz AS SELECT id, n FROM bar;
INSERT INTO foo (id, n) VALUES (1, 1);
CREATE OR REPLACE STREAM bar AS SELECT id, n + 10 AS n FROM foo;
INSERT INTO foo (id, n) VALUES (1, 2);
ASSERT VALUES bar (id, n) VALUES (1, 1);
ASSERT VALUES bar (id, n) VALUES (1, 12);
ASSERT VALUES baz (id, n) VALUES (1, 1);
ASSERT VALUES baz (id, n) VALUES (1, 12);
`;
    expect(await outcomes(text)).toEqual(["copies", "each change of a group", "one behind the other", "replaced"]);
  });

  it("show what is not as asserted, and where", async () => {
    const text = `--@test: other
${FOO}
${BAR}
INSERT INTO foo (id, n) VALUES (1, 2);
ASSERT VALUES bar (id, n) VALUES (1, 3);
--@test: nothing
${FOO}
${BAR}
ASSERT VALUES bar (id, n) VALUES (1, 3);
--@test: runtime
${FOO}
CREATE STREAM bar AS SELECT id, 10 / n AS n FROM foo;
ASSERT STREAM bar (id INT KEY, m INT);
--@test: syntax
${FOO}
CREATE STREAM bar AS SELEC * FROM foo;
`;
    expect(await outcomes(text)).toEqual([
      "other 5:1 ASSERTION_FAILED bar: n is 2, not 3",
      expect.stringMatching(/^nothing 9:1 ASSERTION_FAILED bar: nothing was written that could be /),
      "runtime 13:1 ASSERTION_FAILED bar: there is no column 'm'",
      expect.stringMatching(/^syntax 16:22 SYNTAX /),
    ]);
  });

  it("expect errors: by our codes with their messages, by classes of ksqlDB whatever the message", async () => {
    const assertion = `${FOO}\n${BAR}\nINSERT INTO foo (id, n) VALUES (1, 2);\nASSERT VALUES bar (id, n) VALUES (1, 3);\n`;
    const unknown = "CREATE STREAM bar AS SELECT nosuch(a) FROM foo;\n";
    const text = `--@test: assertion
--@expected.error: java.lang.AssertionError
--@expected.message: Expected record does not match actual
${assertion}
--@test: statement
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: Function 'nosuch' is unknown
${unknown}
--@test: ours
--@expected.error: UNKNOWN_FUNCTION
--@expected.message: nosuch
${unknown}
--@test: message alone
--@expected.message: n is 2, not 3
${assertion}
--@test: another one
--@expected.error: java.lang.AssertionError
${unknown}
--@test: another message
--@expected.error: UNKNOWN_FUNCTION
--@expected.message: nothing of the kind
${unknown}
--@test: none
--@expected.error: UNKNOWN_FUNCTION
${FOO}
`;
    expect(await outcomes(text)).toEqual([
      "assertion",
      "statement",
      "ours",
      "message alone",
      expect.stringMatching(/^another one \d+:\d+ UNKNOWN_FUNCTION .*\nexpected was java.lang.AssertionError/),
      expect.stringMatching(/^another message \d+:\d+ UNKNOWN_FUNCTION /),
      expect.stringMatching(/^none \d+:1 ASSERTION_FAILED nothing failed, but this was expected: UNKNOWN_FUNCTION$/),
    ]);
  });

  it("run scripts, whose mistakes are where they are run", async () => {
    const text = `--@test: good
RUN SCRIPT 'scripts/make.sql';
INSERT INTO foo (id, n) VALUES (1, 2);
ASSERT VALUES bar (id, n) VALUES (1, 2);
--@test: bad
-- a comment; with a semicolon
RUN SCRIPT 'scripts/bad.sql';
--@test: missing
RUN SCRIPT 'gone.sql';
`;
    const scripts = {
      "queries/scripts/make.sql": `-- what there is\n${FOO} -- here\nRUN SCRIPT 'bar.sql';`,
      "queries/scripts/bar.sql": BAR,
      "queries/scripts/bad.sql": `${FOO}\n\nCREATE STREAM bar AS SELECT nosuch(n) FROM foo;`,
    };
    expect(await outcomes(text, scripts)).toEqual([
      "good",
      expect.stringMatching(/^bad 7:1 UNKNOWN_FUNCTION /),
      expect.stringMatching(/^missing 8:1 FILE_UNREADABLE cannot read .*gone.sql/),
    ]);
  });

  it("say that there is no test in a file", async () => {
    expect(await outcomes("SELECT 1;")).toEqual([expect.stringMatching(/1:1 TEST_INVALID there is no test in it \(a test begins/)]);
  });

  it("see directives in comments alone", () => {
    const text = "--@test: a: b \n INSERT INTO x VALUES ('\n--@test: c\n');\n/* --@test: d */\n  --@test:e";
    expect(readKsqlTests(text).map(({ name, line }) => [name, line])).toEqual([
      ["a: b", 1],
      ["e", 6],
    ]);
  });
});
