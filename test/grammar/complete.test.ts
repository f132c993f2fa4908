import { tokenMatcher } from "chevrotain";
import { describe, expect, it } from "vitest";
import { complete, expectedTokens } from "../../grammar/complete.ts";
import { hover } from "../../grammar/hover.ts";
import { KEYWORD_DOCS } from "../../grammar/keyword-docs.ts";
import { type KnownNames, NO_NAMES } from "../../grammar/known-names.ts";
import { parse } from "../../grammar/parse.ts";
import { endOf, K, Semicolon, tokenize, VOCABULARY } from "../../grammar/tokens.ts";
import { corpusFiles } from "../analyze/kcql-corpus.ts";
import { identityStatements } from "./corpus.ts";

const labels = (text: string): string[] => expectedTokens(text, text.length).map(({ label }) => label);
/** The rules around a place where a name may stand. */
const rulesOf = (text: string, token = "Word"): readonly string[] =>
  expectedTokens(text, text.length).find((one) => one.token === token)?.rules ?? [];

describe("what may come next", () => {
  it.each([
    ["", ["SELECT", "INSERT", "SET"]],
    ["SELECT a ", ["FROM", "AS", "','"]],
    ["SELECT a FROM t ", ["WHERE", "WINDOW", "GROUP", "PK", "AUTOCREATE"]],
    ["SELECT a FROM t GROUP ", ["BY"]],
    ["SELECT a FROM t; INSERT ", ["INTO"]],
    ["SELECT a FROM t WINDOW TUMBLING (SI", ["SIZE"]],
    ["SELECT a FRO", ["FROM"]],
  ])("after %j", (text, some) => {
    expect(labels(text)).toEqual(expect.arrayContaining(some));
  });

  it("is nothing after an error", () => {
    expect(labels("SELECT FROM FROM ")).toEqual([]);
  });

  it("comes with the rules around it", () => {
    expect(rulesOf("SELECT a FROM t WHERE ")).toContain("where");
    expect(rulesOf("SELECT a FROM t WHERE b = ")).toEqual(expect.arrayContaining(["expression", "where", "clauses"]));
    expect(rulesOf("SELECT a FROM t PK ")).toContain("fieldsClause");
    expect(rulesOf("SELECT a FROM ", "RawName")).toEqual(expect.arrayContaining(["rawPath", "relation"]));
    expect(rulesOf("INSERT INTO ", "RawName")).toContain("insert");
    expect(rulesOf("SELECT a FROM t WINDOW TUMBLING (SIZE 1 ")).toContain("timeUnit");
    expect(rulesOf("SELECT a::")).toContain("type");
  });
});

const names: KnownNames = {
  ...NO_NAMES,
  functions: [{ name: "upper", detail: "upper(text)", doc: "In upper case." }],
  relations: [
    { name: "readings", detail: "STREAM", doc: null },
    { name: "kafka.", detail: "kafka", doc: null },
  ],
  targets: [{ name: "elastic.", detail: "elasticsearch", doc: null }],
  pipelines: [{ name: "persist", detail: null, doc: null }],
  settings: [{ name: "error.policy", detail: "throw or noop", doc: null, values: ["throw", "noop"] }],
  options: [{ name: "key", detail: null, doc: null }],
  types: [{ name: "DOUBLE", detail: null, doc: null }],
  fieldsOf: (relation) => (relation === "readings" ? FIELDS : relation === "rooms" ? [{ name: "floor", detail: "INT", doc: null }] : []),
};
const FIELDS = ["deviceId", "meta.unit", "meta.site.name", "select"].map((name) => ({ name, detail: "STRING", doc: null }));

describe("completion", () => {
  /** `|` is the cursor. */
  it.each([
    ["SELECT dev| FROM readings", "field", ["deviceId"]],
    ["SELECT a FROM readings WHERE me|", "field", ["meta"]],
    ["SELECT meta.| FROM readings", "field", ["unit", "site"]],
    ["SELECT _value.meta.site.| FROM readings", "field", ["name"]],
    ["SELECT r.meta.u| FROM readings AS r", "field", ["unit"]],
    ["SELECT sel| FROM readings", "field", ["`select`"]],
    ["SELECT o.fl|, 1 AS x FROM readings r JOIN rooms AS o ON r.a = o.a", "field", ["floor"]],
    ["SELECT f|, x FROM readings r JOIN rooms AS o ON r.a = o.a", "field", ["floor"]],
    ["SELECT * FROM (SELECT fl| FROM rooms) AS x JOIN readings ON a = b", "field", ["floor"]],
    ["SELECT * FROM (SELECT upper(fl| FROM rooms) AS x JOIN readings ON a = b", "field", ["floor"]],
    ["SELECT upper(concat(dev| FROM readings", "field", ["deviceId"]],
    ["SELECT _of|", "field", ["_offset"]],
    ["SELECT dev|", "field", ["deviceId"]],
    ["INSERT INTO t SELECT readings.meta.s|", "field", ["site"]],
    ["SELECT upper(deviceId) AS device FROM readings PK dev|", "field", ["device", "deviceId"]],
    ["SELECT a FROM readings; SELECT f| FROM rooms; SELECT b FROM readings", "field", ["floor"]],
    ["SELECT UP| FROM readings", "function", ["upper"]],
    ["SELECT a FROM |", "relation", ["readings", "kafka."]],
    ["WITH hot AS (SELECT a FROM t) SELECT a FROM h|", "relation", ["hot"]],
    ["SELECT a FROM kafka.|", "relation", ["kafka."]],
    ["INSERT INTO |", "target", ["elastic."]],
    ["PAUSE PIPELINE p|", "relation", ["persist"]],
    ["SET err|", "setting", ["'error.policy'"]],
    ["SET 'err|", "setting", ["'error.policy'"]],
    ["SET 'error.policy' = '|", "value", ["'throw'", "'noop'"]],
    ["CREATE STREAM t (a INT) WITH (|", "setting", ["key"]],
    ["SELECT CAST(a AS D|", "value", ["DOUBLE"]],
    ["SELECT a FROM t WITHFORMAT J|", "value", ["JSON"]],
    ["SELECT a FROM t TIMESTAMPUNIT = M|", "value", ["MICROSECONDS", "MILLISECONDS", "MINUTES"]],
    ["SELECT a FROM t WINDOW TUMBLING (SIZE 5 m|", "value", ["MILLISECONDS", "MINUTES", "MONTHS"]],
    ["SELECT a FROM t WINDOW TUMBLING (SIZE 5 MINUTES, g|", "keyword", ["GAP", "GRACE"]],
    ["SELECT a FROM t WHERE a l|", "keyword", ["LIKE", "LIMIT", "LATE"]],
    ["SELECT a FROM t WHERE a ha|", "keyword", ["HAVING"]],
  ])("%s", (marked, kind, expected) => {
    const offset = marked.indexOf("|");
    const text = marked.replace("|", "");
    const { span, items } = complete(text, offset, names);
    const labels = items.filter((item) => item.kind === kind).map(({ label }) => label);
    expect(new Set(labels)).toEqual(new Set(expected));
    expect(span.end).toBe(offset);
  });

  it("says what a clause is for", () => {
    const [item] = complete("SELECT a FROM t WITHINDEXS", 26, NO_NAMES).items;
    expect(item).toMatchObject({ kind: "keyword", label: "WITHINDEXSUFFIX", detail: "WITHINDEXSUFFIX = _{yyyy.MM.dd}" });
  });

  it("has examples of keywords that are read", () => {
    const wrong = Object.entries(KEYWORD_DOCS).filter(
      ([word, { example }]) => !(word in K) || parse(example).diagnostics.length > 0 || !example.includes(word),
    );
    expect(wrong).toEqual([]);
  });
});

describe("what stands at a place", () => {
  it.each([
    ["SELECT UP|PER(deviceId) FROM readings", { kind: "function", label: "upper", detail: "upper(text)" }],
    ["SELECT dev|iceId FROM readings", { kind: "field", label: "deviceId", detail: "STRING of readings" }],
    ["SELECT a FROM readings AS r WHERE r.meta.un|it = 1", { kind: "field", label: "meta.unit", detail: "STRING of readings" }],
    ["SELECT a FROM readings PK device|Id", { kind: "field", label: "deviceId", detail: "STRING of readings" }],
    ["SELECT _off|set FROM t", { kind: "field", label: "_offset", detail: "BIGINT" }],
    ["SELECT a FROM read|ings", { kind: "relation", label: "readings", detail: "STREAM" }],
    ["SELECT a FROM t W|HERE a > 1", { kind: "keyword", label: "WHERE" }],
    ["SELECT a FROM t AUTO|CREATE", { kind: "keyword", label: "AUTOCREATE" }],
    ["SELECT CAST(a AS DOU|BLE) FROM t", { kind: "value", label: "DOUBLE" }],
  ])("%s", (marked, expected) => {
    expect(hover(marked.replace("|", ""), marked.indexOf("|"), names)).toMatchObject(expected);
  });

  it.each(["SELECT 1| FROM t", "SELECT unknown| FROM readings", "|", "SELECT a |+ b FROM t"])("%s: nothing", (marked) => {
    expect(hover(marked.replace("|", ""), marked.indexOf("|"), names)).toBeNull();
  });
});

/** All texts of the corpora that are right, whatever they begin with. */
function rightTexts(): string[] {
  const kcql = corpusFiles().flatMap(({ cases }) => cases.map(({ text }) => text));
  return [...identityStatements(), ...kcql].filter((text) => parse(text).diagnostics.every(({ severity }) => severity !== "error"));
}

it("holds the true next token on every prefix of the corpora", { timeout: 120_000 }, () => {
  let prefixes = 0;
  for (const text of rightTexts()) {
    const { tokens } = tokenize(text);
    for (const [index, token] of tokens.entries()) {
      const previous = tokens[index - 1];
      const start = previous === undefined ? 0 : endOf(previous);
      if (token.tokenType === Semicolon) continue;
      // At the end of a word the word itself is completed, so the next token needs a space before it.
      const prefix = `${text.slice(0, start)} `;
      const expected = new Set(expectedTokens(prefix, prefix.length).map((one) => one.token));
      const fits = VOCABULARY.some((type) => expected.has(type.name) && tokenMatcher(token, type));
      expect(fits, `${token.tokenType.name} after ${prefix}`).toBe(true);
      if (token.tokenType.name in K && expected.has(token.tokenType.name)) {
        const labels = complete(prefix + token.image, prefix.length + token.image.length, NO_NAMES).items.map(({ label }) => label);
        expect(labels, prefix).toContain(token.tokenType.name);
      }
      prefixes++;
    }
  }
  expect(prefixes).toBeGreaterThan(5_000);
});
