import { describe, expect, it } from "vitest";
import { planOf, runStatement } from "./run-statement.ts";

const text = (sql: string, ...values: unknown[]): readonly string[] =>
  runStatement(
    sql,
    values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))),
  ).texts;
const errors = (sql: string, value: unknown): string[] => [...runStatement(sql, [JSON.stringify(value)]).errors.values()];

/** kcql.md, what the connectors' projection does, where it is not listed as a difference. */
describe("WITHSTRUCTURE", () => {
  const pizza = {
    name: "pepperoni",
    calories: 98,
    ingredients: [
      { name: "sausage", sugar: 4.2, fat: 18.4 },
      { name: "tomato", sugar: 0, fat: 0.1 },
    ],
    vegetarian: false,
  };

  it.each([
    ["SELECT a.b.c, a.d FROM t WITHSTRUCTURE", { a: { b: { c: 1, x: 0 }, d: 2, y: 0 }, z: 0 }, { a: { b: { c: 1 }, d: 2 } }],
    ["SELECT a.b AS c, d AS e FROM t WITHSTRUCTURE", { a: { b: 1 }, d: 2 }, { a: { c: 1 }, e: 2 }],
    ["SELECT a.b FROM t WITHSTRUCTURE", { a: { b: { c: [1, { d: null }] } } }, { a: { b: { c: [1, { d: null }] } } }],
    ["SELECT a.b, a.c FROM t WITHSTRUCTURE", { a: { b: null } }, { a: { b: null } }],
    ["SELECT a.b, c FROM t WITHSTRUCTURE", {}, { a: null, c: null }],
    ["SELECT a.b, c FROM t WITHSTRUCTURE", { a: null }, { a: null, c: null }],
    ["SELECT a.*, a.b AS c FROM t WITHSTRUCTURE", { a: { b: 1, c: 2, d: 3 } }, { a: { c: 1, c_1: 2, d: 3 } }],
    ["SELECT a.b.*, a.c FROM t WITHSTRUCTURE", { a: { b: { x: 1, y: 2 }, c: 3, d: 4 } }, { a: { b: { x: 1, y: 2 }, c: 3 } }],
    ["SELECT *, a.b AS c FROM t WITHSTRUCTURE", { a: { b: 1, d: 2 }, e: 3 }, { e: 3, a: { c: 1 } }],
    ["SELECT _value.a.b, _key AS k, upper(s) AS u FROM t WITHSTRUCTURE", { a: { b: 1, c: 2 }, s: "x" }, { a: { b: 1 }, k: null, u: "X" }],
    [
      "SELECT `a`.`b.c`, `__proto__`.x FROM t WITHSTRUCTURE",
      '{"a":{"b.c":1},"__proto__":{"x":2,"y":3}}',
      '{"a":{"b.c":1},"__proto__":{"x":2}}',
    ],
    [
      "SELECT name, ingredients.name AS fieldName, ingredients.sugar AS fieldSugar, ingredients.*, calories AS cals FROM t WITHSTRUCTURE",
      pizza,
      {
        name: "pepperoni",
        ingredients: [
          { fieldName: "sausage", fieldSugar: 4.2, fat: 18.4 },
          { fieldName: "tomato", fieldSugar: 0, fat: 0.1 },
        ],
        cals: 98,
      },
    ],
  ])("%s", (sql, value, wanted) => {
    const [document] = text(`INSERT INTO x ${sql}`, value);
    expect(JSON.parse(document ?? "null")).toEqual(typeof wanted === "string" ? JSON.parse(wanted) : wanted);
  });

  it("is an error of the record where a path leads through what has no fields", () => {
    expect(errors("INSERT INTO x SELECT a.b FROM t WITHSTRUCTURE", { a: 7 })).toEqual([
      "expected an object with {b}, found a value without fields",
    ]);
  });

  it("keeps integers of any size", () => {
    expect(text("INSERT INTO x SELECT a.b FROM t WITHSTRUCTURE", '{"a":{"b":12345678901234567890}}')).toEqual([
      '{"a":{"b":12345678901234567890}}',
    ]);
  });

  it("has the types of what is declared, and refuses what is not there", () => {
    const stream =
      "CREATE STREAM t (a STRUCT<b STRUCT<c INT, x INT>, d TIMESTAMP>, list ARRAY<STRUCT<p DOUBLE, q INT>>) WITH (topic = 't');";
    const sql = `${stream} INSERT INTO x SELECT a.b.c AS n, a.d, list.p FROM t WITHSTRUCTURE`;
    const columns = planOf(sql).statements[0]?.route?.columns.map(({ name, type }) => [name, JSON.stringify(type)]);
    expect(columns).toEqual([
      [
        "a",
        '{"kind":"struct","fields":[{"name":"b","type":{"kind":"struct","fields":[{"name":"n","type":{"kind":"int"}}]}},{"name":"d","type":{"kind":"timestamp"}}]}',
      ],
      ["list", '{"kind":"array","element":{"kind":"struct","fields":[{"name":"p","type":{"kind":"double"}}]}}'],
    ]);
    const [document] = text(sql, { a: { b: { c: 1, x: 2 }, d: "2026-01-01T00:00:00Z" }, list: [{ p: 1.5, q: 2 }] });
    expect(document).toBe('{"a":{"b":{"n":1},"d":"2026-01-01T00:00:00.000Z"},"list":[{"p":1.5}]}');
    expect(() => planOf(`${stream} INSERT INTO x SELECT a.nope FROM t WITHSTRUCTURE`)).toThrow(/there is no field 'a.nope'/);
  });
});

describe("stars of what nothing declares", () => {
  it.each([
    ["SELECT room.* FROM t", { room: { temp: 21, site: "a" }, x: 1 }, { temp: 21, site: "a" }],
    ["SELECT id, room.* FROM t", { id: 7, room: { temp: 21, id: 8 } }, { id: 7, temp: 21, id_1: 8 }],
    ["SELECT room.temp AS t, room.* FROM t", { room: { temp: 21, site: "a" } }, { t: 21, site: "a" }],
    ["SELECT a.*, b.*, c.* FROM t", { a: { x: 1 }, b: { x: 2, y: 3 }, c: { x: 4 } }, { x: 1, x_1: 2, y: 3, x_2: 4 }],
    ["SELECT *, room.* FROM t", { temp: 1, room: { temp: 2 } }, { temp: 1, room: { temp: 2 }, temp_1: 2 }],
    ["SELECT room.*, id FROM t", { id: 7 }, { id: 7 }],
    ["SELECT room.* FROM t", { room: null }, {}],
    ["SELECT a.b.* FROM t", { a: { b: { c: 1 } } }, { c: 1 }],
    ["SELECT _value.* FROM t", { a: 1 }, { a: 1 }],
    ["SELECT room.* FROM t IGNORE room.secret", { room: { secret: 1, temp: 2 } }, { temp: 2 }],
    ["SELECT * FROM t IGNORE secret, debug.trace", { secret: 1, debug: { trace: 2, level: 3 }, x: 4 }, { debug: { level: 3 }, x: 4 }],
    ["SELECT * FROM t IGNORE debug.trace", { x: 4 }, { x: 4 }],
    ["SELECT * FROM t IGNORE debug.trace", { debug: 5 }, { debug: 5 }],
    ["SELECT * FROM t IGNORE list.a", { list: [{ a: 1, b: 2 }] }, { list: [{ b: 2 }] }],
    ["SELECT *, secret AS s FROM t IGNORE secret", { secret: 1 }, { s: 1 }],
    ["SELECT * FROM t IGNORE _value.a", { a: 1, b: 2 }, { b: 2 }],
    ["SELECT room.* FROM t", '{"room":{"n":1.50,"big":123456789012345678901234567890}}', null],
  ])("%s of %j", (sql, value, wanted) => {
    const [document] = text(`INSERT INTO x ${sql}`, value);
    if (wanted === null) expect(document).toBe('{"n":1.50,"big":123456789012345678901234567890}');
    else expect(JSON.parse(document ?? "null")).toEqual(wanted);
  });

  it("are an error of the record where there is no object", () => {
    expect(errors("INSERT INTO x SELECT room.* FROM t", { room: 5 })).toEqual(["room.*: expected an object, found a number"]);
  });

  it("of what is declared: fields named elsewhere are left out, names that are taken get a number", () => {
    const stream = "CREATE STREAM t (id INT, room STRUCT<id INT, temp INT, secret INT>) WITH (topic = 't');";
    const value = { id: 1, room: { id: 2, temp: 3, secret: 4 } };
    expect(text(`${stream} INSERT INTO x SELECT room.*, id FROM t IGNORE room.secret`, value)).toEqual(['{"id_1":2,"temp":3,"id":1}']);
    expect(text(`${stream} INSERT INTO x SELECT room.temp AS t, room.* FROM t`, value)).toEqual(['{"t":3,"id":2,"secret":4}']);
    expect(text(`${stream} INSERT INTO x SELECT * FROM t IGNORE room.secret`, value)).toEqual(['{"id":1,"room":{"id":2,"temp":3}}']);
  });
});
