import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { Path, Select } from "../../grammar/ast.ts";
import { parse } from "../../grammar/parse.ts";
import { printStatement } from "../../grammar/print.ts";
import type { InsertStatement, Statement } from "../../grammar/statement-ast.ts";

/** The one statement of a text that must be right. */
function only(text: string): Statement {
  const { statements, diagnostics } = parse(text);
  expect(diagnostics).toEqual([]);
  expect(statements).toHaveLength(1);
  return statements[0] as Statement;
}

function selectOf(text: string): Select {
  const statement = only(text);
  if (statement.kind !== "select" && statement.kind !== "insert") throw new Error(`no select: ${statement.kind}`);
  return statement.select;
}

const canonical = (text: string): string => printStatement(only(text));
const codes = (text: string): string[] => parse(text).diagnostics.map(({ code }) => code);

describe("statements of a text", () => {
  it("are separated by semicolons, of which some may stand alone", () => {
    expect(parse(";; SELECT a FROM t ;;\n; SET 'a' = 1;").statements.map(({ kind }) => kind)).toEqual(["select", "set"]);
  });

  it("are not separated by semicolons in strings, names and comments", () => {
    expect(parse("SELECT ';', `;` FROM t -- ;\n/* ; */; SELECT b FROM u").statements).toHaveLength(2);
  });

  it("may be none at all", () => {
    for (const text of ["", " \n\t", "-- only a comment", "/* and */ ;"]) {
      expect(parse(text)).toEqual({ text, statements: [], diagnostics: [], incomplete: false });
    }
  });

  it("behind a broken one are parsed, and know their places", () => {
    const text = "SELECT a FORM t;\nSELECT b FROM u;\nSELECT FROM v;\nSELECT d FROM w";
    const { statements, diagnostics } = parse(text);
    expect(diagnostics.map(({ span }) => text.slice(span.start, span.end))).toEqual(["FORM", "FROM"]);
    const texts = statements.map(({ span }) => text.slice(span.start, span.end));
    expect(texts).toContain("SELECT b FROM u");
    expect(texts).toContain("SELECT d FROM w");
  });

  it("take a name from the comment line before an INSERT", () => {
    const { statements } = parse(
      "-- hello\n-- @name first\nINSERT INTO x SELECT * FROM t;\nINSERT INTO x SELECT * FROM t;" +
        "/* @name third */UPSERT INTO x SELECT * FROM t",
    );
    expect(statements.map((statement) => (statement as InsertStatement).name)).toEqual(["first", null, "third"]);
  });
});

describe("spellings that mean the same", () => {
  it.each([
    ["keywords in any case", "select A from T where A is not null", "SELECT A\nFROM T\nWHERE A IS NOT NULL"],
    [
      "clauses in any order",
      "SELECT a FROM t LIMIT 1 TTL=5 EMIT FINAL PK a GROUP BY a WHERE b AUTOCREATE",
      "SELECT a\nFROM t\nWHERE b\nGROUP BY a\nEMIT FINAL\nAUTOCREATE\nPK a\nTTL = 5\nLIMIT 1",
    ],
    [
      "glued durations",
      "SELECT a FROM t WINDOW TUMBLING (SIZE 1m, GRACE PERIOD 10s)",
      "SELECT a\nFROM t\nWINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)",
    ],
    [
      "short and singular units",
      "SELECT a FROM t WINDOW TUMBLING (SIZE 2 hour, GRACE PERIOD 500 MS)",
      "SELECT a\nFROM t\nWINDOW TUMBLING (SIZE 2 HOURS, GRACE PERIOD 500 MILLISECONDS)",
    ],
    ["<> and !=", "SELECT a != b FROM t", "SELECT a <> b\nFROM t"],
    [
      "the cast operator",
      "SELECT -a::INT, (a + b)::DECIMAL(3,1)::TEXT FROM t",
      "SELECT -CAST(a AS INT), CAST(CAST(a + b AS DECIMAL(3, 1)) AS TEXT)\nFROM t",
    ],
    ["double quotes", 'SELECT "a b", "x""y", "plain" FROM "t u"', 'SELECT `a b`, `x"y`, plain\nFROM `t u`'],
    ["quoted target names", "INSERT INTO 'my index' SELECT * FROM \"a\".'b'", "INSERT INTO `my index`\nSELECT *\nFROM a.b"],
    ["implicit aliases", "SELECT a FROM t u JOIN v `w x` USING (b)", "SELECT a\nFROM t AS u\nJOIN v AS `w x` USING (b)"],
    ["bare names of settings", "SET error.policy = 'noop'", "SET 'error.policy' = 'noop'"],
    ["quoted suffixes", "SELECT a FROM t WITHINDEXSUFFIX='_{yyyy}'", "SELECT a\nFROM t\nWITHINDEXSUFFIX = _{yyyy}"],
    [
      "needless parentheses",
      "SELECT ((a)), (a * b) + c FROM t WHERE ((a AND b)) OR (c)",
      "SELECT a, a * b + c\nFROM t\nWHERE a AND b OR c",
    ],
    ["comments anywhere", "SELECT/**/a -- x\n,b FROM--c\nt/* d */WHERE a", "SELECT a, b\nFROM t\nWHERE a"],
    ["spaces in paths", "SELECT a . b .* FROM t", "SELECT a.b.*\nFROM t"],
  ])("%s", (_, text, expected) => {
    expect(canonical(text)).toBe(expected);
  });
});

function pathOf({ from }: Select): Path {
  if (from.kind !== "relation") throw new Error("not a relation");
  return from.path;
}

describe("names of topics and targets", () => {
  it.each([
    ["my.topic-1", ["my", "topic-1"]],
    ["ns:table", ["ns:table"]],
    ["2fa", ["2fa"]],
    ["404", ["404"]],
    ["site.12.temps", ["site", "12", "temps"]],
    ["a/b", ["a/b"]],
    ["elastic.`odd.name`.x", ["elastic", "odd.name", "x"]],
    ["`a``b`", ["a`b"]],
    ["batch", ["batch"]],
  ])("%s", (name, parts) => {
    const select = selectOf(`SELECT a FROM ${name}`);
    expect(pathOf(select).parts.map((part) => part.name)).toEqual(parts);
    expect(selectOf(`SELECT a FROM ${name} WHERE degC > 20;`).where?.kind).toBe("binary");
    expect(canonical(`INSERT INTO ${name} SELECT a FROM ${name};`)).toBe(`INSERT INTO ${name}\nSELECT a\nFROM ${name}`);
  });

  it("end before a comment, a parenthesis and a semicolon", () => {
    expect(pathOf(selectOf("SELECT a FROM t--comment")).parts).toHaveLength(1);
    expect(selectOf("SELECT a FROM t/*comment*/WHERE b").where).not.toBeNull();
    expect(only("CREATE STREAM my-t(a INT)")).toMatchObject({ kind: "create", columns: [{ name: { name: "a" } }] });
    expect(parse("SELECT a FROM t;SELECT b FROM u").statements).toHaveLength(2);
  });

  it("are not read where FROM and INTO are only names or belong to DISTINCT", () => {
    expect(canonical("SELECT a.from, b AS into, c IS DISTINCT FROM d-e FROM t")).toBe(
      "SELECT a.from, b AS into, c IS DISTINCT FROM d - e\nFROM t",
    );
  });

  it("have places, each part its own", () => {
    const text = "SELECT a FROM kafka.`my topic`";
    const { parts, span } = pathOf(selectOf(text));
    expect(parts.map((part) => text.slice(part.span.start, part.span.end))).toEqual(["kafka", "`my topic`"]);
    expect(text.slice(span.start, span.end)).toBe("kafka.`my topic`");
  });
});

describe("what a tree keeps", () => {
  it("numbers as written", () => {
    const { items } = selectOf("SELECT 123456789.123456789123, .5, 1., 1e10 FROM t");
    expect(items.map((item) => item.kind === "expr" && item.expr.kind === "number" && item.expr.text)).toEqual([
      "123456789.123456789123",
      ".5",
      "1.",
      "1e10",
    ]);
  });

  it("strings without their quotes", () => {
    expect(selectOf("SELECT 'it''s', '\\n' FROM t").items).toMatchObject([{ expr: { value: "it's" } }, { expr: { value: "\\n" } }]);
  });

  it("clauses in the order written, and their values", () => {
    const { clauses, limit } = selectOf("SELECT a FROM t TTL = 60 PK a.b, `c d` LIMIT 7 BATCH=5 WITHINDEXSUFFIX=_{yyyy-MM-dd};");
    expect(clauses).toMatchObject([
      { kind: "number", name: "TTL", value: 60 },
      { kind: "fields", name: "PK", fields: [{ parts: [{ name: "a" }, { name: "b" }] }, { parts: [{ name: "c d", quoted: true }] }] },
      { kind: "number", name: "BATCH", value: 5 },
      { kind: "text", name: "WITHINDEXSUFFIX", text: "_{yyyy-MM-dd}" },
    ]);
    expect(limit?.count).toBe(7);
  });

  it("calls with star and distinct", () => {
    expect(selectOf("SELECT COUNT(*), COUNT(DISTINCT a), f() FROM t").items).toMatchObject([
      { expr: { star: true, distinct: false, args: [] } },
      { expr: { star: false, distinct: true, args: [{ kind: "ref" }] } },
      { expr: { star: false, distinct: false, args: [] } },
    ]);
  });
});

describe("a text that is not finished", () => {
  it.each([
    "SELECT",
    "SELECT a FROM",
    "SELECT a FROM t WHERE (",
    "INSERT INTO x",
    "SELECT 'abc",
    "SELECT a FROM t /* c",
    "SELECT 1; SELECT a,",
    "SELECT `a",
  ])("%s", (text) => {
    const { diagnostics, incomplete } = parse(text);
    expect(incomplete).toBe(true);
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it.each(["SELECT a FROM t", "SELECT a FROM t;", "SELECT a FROM;", "SELECT a b c", "", "SELECT a FROM ; "])("but not: %s", (text) => {
    expect(parse(text).incomplete).toBe(false);
  });
});

describe("limits", () => {
  const nested = (depth: number): string => `SELECT ${"(".repeat(depth)}a${")".repeat(depth)} FROM t`;

  it("takes 100 levels of parentheses, CASE and types, and refuses 101", () => {
    expect(codes(nested(100))).toEqual([]);
    expect(codes(nested(101))).toEqual(["TOO_DEEP"]);
    expect(codes(`SELECT ${"CASE WHEN f(".repeat(50)}a${") THEN 1 END".repeat(50)} FROM t`)).toEqual([]);
    expect(codes(`SELECT ${"CASE ".repeat(101)}`)).toEqual(["TOO_DEEP"]);
    expect(codes(`SELECT a::${"ARRAY<".repeat(100)}INT${">".repeat(100)} FROM t`)).toEqual([]);
    expect(codes(`SELECT a::${"ARRAY<".repeat(101)}INT${">".repeat(101)} FROM t`)).toEqual(["TOO_DEEP"]);
  });

  it("does not take comparisons with a field called array for types", () => {
    expect(codes(`SELECT a FROM t WHERE ${Array.from({ length: 90 }, () => "array < 1").join(" AND ")}`)).toEqual([]);
  });

  it("compares what was cast by `::`", () => {
    expect(codes("SELECT a FROM t WHERE a::INT < b AND a::DECIMAL(4, 1) < 3 AND a::ARRAY<INT> < c")).toEqual([]);
  });

  it("does not count words that are names", () => {
    expect(codes(`SELECT ${Array.from({ length: 150 }, () => "a.case").join(", ")} FROM t`)).toEqual([]);
    expect(codes(`SELECT ${"(a.end + ".repeat(101)}a${")".repeat(101)} FROM t`)).toEqual(["TOO_DEEP"]);
  });

  it("takes long rows of operators up to a limit, and lists of any length", () => {
    const row = (length: number, operator: string): string => `SELECT a FROM t WHERE ${Array.from({ length }, () => "a").join(operator)}`;
    for (const operator of [" OR ", " AND ", "+", "||"]) {
      expect(codes(row(1_000, operator))).toEqual([]);
      expect(codes(row(1_001, operator))).toEqual(["TOO_DEEP"]);
    }
    expect(codes(`SELECT ${"NOT ".repeat(1_001)} a FROM t`)).toEqual(["TOO_DEEP"]);
    expect(codes(`SELECT a FROM t WHERE a IN (${"1,".repeat(10_000)}1)`)).toEqual([]);
  });

  it("takes a mebibyte and refuses more", () => {
    const statement = "SELECT a FROM t;\n";
    const fits = statement.repeat(Math.floor((1 << 20) / statement.length));
    expect(parse(fits).statements).toHaveLength(61_680);
    expect(codes(`${fits}${statement}`)).toEqual(["TOO_LARGE"]);
    expect(codes(`-- ${"ä".repeat(1 << 19)}`)).toEqual(["TOO_LARGE"]);
  });

  it("reports a hundred errors and stops", () => {
    expect(parse("SELECT a FORM t;".repeat(500)).diagnostics).toHaveLength(100);
  });

  // Each of these was quadratic or worse in some version: the bound is generous for a busy machine, not for that.
  it.each(["WHERE ", "FROM ", "a b ", "+ ", "'\n", "/* ", "NOT ", "- ", "INTO ", ",", "\u0001 ", "x AS "])(
    "finishes on half a mebibyte of %j",
    (piece) => {
      const text = `SELECT ${piece.repeat(Math.floor((1 << 19) / piece.length))}`;
      const started = performance.now();
      expect(parse(text).diagnostics.length).toBeGreaterThan(0);
      expect(performance.now() - started).toBeLessThan(8_000);
    },
  );

  it("gives a diagnostic where the stack is too small", async () => {
    const text = `SELECT ${"CASE WHEN f(".repeat(50)}a${") THEN 1 END".repeat(50)} FROM t`;
    const source = `import(${JSON.stringify(new URL("../../grammar/parse.ts", import.meta.url).href)}).then(({ parse }) =>
      require("node:worker_threads").parentPort.postMessage(parse(${JSON.stringify(text)}).diagnostics.map(({ code }) => code)))`;
    const codesWith = async (stackSizeMb: number): Promise<unknown> => {
      const worker = new Worker(source, { eval: true, resourceLimits: { stackSizeMb } });
      const answer = await new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
      await worker.terminate();
      return answer;
    };
    expect(await codesWith(0.75)).toEqual(["TOO_DEEP"]);
    expect(await codesWith(4)).toEqual([]);
  });
});
