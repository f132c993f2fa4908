/** Random clauses of KCQL, with empty spans: every row of the table, filled by its shape. */
import fc from "fast-check";
import type { Clause, Path, Property, Tag } from "../../grammar/ast.ts";
import { CLAUSE_NAMES, type ClauseName, clauseSpec } from "../../grammar/clause-table.ts";

const span = { start: 0, end: 0 };

const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("_{yyyy-MM-dd}", "_{yyyy.MM.dd'T'HH}", "-x", "`", "'a'", "AUTOCREATE", "a b", "(", "{", "x=1", "=", "--", "a--b", "/*"),
  fc.string({ minLength: 1, unit: "binary" }),
);
const number: fc.Arbitrary<number> = fc.integer({ min: 1, max: 1_000_000 });
const key: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("a", "a.b", "as", "k k", "x=y", "it's", "-1"),
  fc.string({ minLength: 1, unit: "binary" }),
);
const value: fc.Arbitrary<string> = fc.oneof(fc.constantFrom("", "1", "-1.5", "true", "{x}", "/a/b", "a b", ","), key);

const properties: fc.Arbitrary<Property[]> = fc
  .uniqueArray(fc.record({ key, value, span: fc.constant(span) }), { maxLength: 3, selector: (one) => one.key.toLowerCase() })
  .map((all) => all);

/** A key of a tag is a path: its dots stand between names. */
const tag: fc.Arbitrary<Tag> = fc.tuple(fc.nat(2), fc.nat(1_000), value).map(([type, serial, text_]): Tag => {
  if (type === 0) return { key: `t${serial}.x`, type: "DEFAULT", value: null, span };
  if (type === 1) return { key: `t${serial}`, type: "CONSTANT", value: text_, span };
  return { key: "a.b", type: "ALIAS", value: `t${serial}`, span };
});
const tags: fc.Arbitrary<Tag[]> = fc.uniqueArray(tag, {
  minLength: 1,
  maxLength: 3,
  selector: (one) => (one.type === "ALIAS" ? one.value : one.key),
});

const distinct = (path: fc.Arbitrary<Path>, maxParts: number): fc.Arbitrary<Path[]> =>
  fc
    .uniqueArray(path, {
      minLength: 1,
      maxLength: 3,
      selector: ({ parts }) =>
        parts
          .slice(0, maxParts)
          .map(({ name }) => name.toLowerCase())
          .join("\0"),
    })
    .map((paths) => paths.map(({ parts }) => ({ parts: parts.slice(0, maxParts), span })));

/** A clause of each of these names. */
function clause(name: ClauseName, path: fc.Arbitrary<Path>): fc.Arbitrary<Clause> {
  const spec = clauseSpec(name);
  const make = (parts: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Clause> =>
    fc.record({ ...parts, name: fc.constant(name), span: fc.constant(span) }) as unknown as fc.Arbitrary<Clause>;
  const kind = fc.constant(spec.shape as string);
  const textKind = { kind: fc.constant("text"), textSpan: fc.constant(span) };
  switch (spec.shape) {
    case "flag":
      return make({ kind });
    case "number":
      return make({ kind, value: number });
    case "word":
      return make({ ...textKind, text: fc.constantFrom(...(spec.words ?? [])) });
    case "text":
      return make({ ...textKind, text });
    case "path":
      return make({ ...textKind, text: fc.constantFrom("a.b.c", "a.`b c`.d", "'x y'", "`a`") });
    case "delimiter":
      return make({ ...textKind, text: fc.constantFrom(..."-|`a0.") });
    case "fields":
      return make({ kind: fc.constant("fields"), fields: distinct(path, 4) });
    case "names":
      return make({ kind: fc.constant("fields"), fields: distinct(path, 1) });
    case "time":
      return make({ kind, field: fc.option(path) });
    case "storeas":
      return make({ kind, type: text, parameters: properties });
    case "tags":
      return make({ kind, tags });
    case "properties":
      return make({ kind, properties });
    case "buckets":
      return make({ kind, fields: distinct(path, 4), count: number });
    case "offsets":
      return make({
        kind,
        offsets: fc.uniqueArray(fc.record({ partition: fc.nat(9), offset: fc.option(fc.nat()) }), {
          minLength: 1,
          maxLength: 3,
          selector: ({ partition }) => partition,
        }),
      });
    case "sample":
      return make({ kind, count: number, every: number });
  }
}

/** Some of them in the canonical order, none of which contradict each other. */
export function clauses(path: fc.Arbitrary<Path>): fc.Arbitrary<Clause[]> {
  return fc
    .subarray([...CLAUSE_NAMES], { maxLength: 5 })
    .map((names) => {
      const groups = new Set<string>();
      return names.filter((name) => {
        const { group } = clauseSpec(name);
        if (group === undefined) return true;
        if (groups.has(group)) return false;
        groups.add(group);
        return true;
      });
    })
    .chain((names) => fc.tuple(...names.map((name) => clause(name, path))));
}
