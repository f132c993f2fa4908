import { describe, expect, it } from "vitest";
import { avroColumns } from "../../../src/adapters/registry/avro-columns.ts";
import { jsonSchemaColumns } from "../../../src/adapters/registry/json-schema-columns.ts";
import { typeName } from "../../../src/model/type.ts";

type Columns = ReturnType<typeof avroColumns>;
const shown = (columns: Columns): Record<string, string> | null =>
  columns === null ? null : Object.fromEntries(columns.map(({ name, type }) => [name, typeName(type)]));

describe("columns of a JSON Schema", () => {
  const ofProperties = (
    properties: Record<string, unknown>,
    others: Record<string, unknown> = {},
    references = new Map<string, unknown>(),
  ) => shown(jsonSchemaColumns({ type: "object", properties, ...others }, references));

  it.each([
    [{ type: "integer" }, "BIGINT"],
    [{ type: "number" }, "DOUBLE"],
    [{ type: "boolean" }, "BOOLEAN"],
    [{ type: "string" }, "STRING"],
    [{ type: "string", format: "date-time" }, "TIMESTAMP"],
    [{ type: "string", format: "date" }, "DATE"],
    [{ type: "string", format: "email" }, "STRING"],
    [{ enum: ["a", "b"] }, "STRING"],
    [{ enum: ["a", 1] }, "ANY"],
    [{ type: ["null", "integer"] }, "BIGINT"],
    [{ type: ["integer", "number"] }, "DOUBLE"],
    [{ type: ["integer", "string"] }, "ANY"],
    [{ oneOf: [{ type: "null" }, { type: "string" }] }, "STRING"],
    [{ anyOf: [{ type: "string" }, { type: "object", properties: {} }] }, "ANY"],
    [{ type: "array", items: { type: "integer" } }, "ARRAY<BIGINT>"],
    [{ type: "array" }, "ARRAY<ANY>"],
    [{ type: "null" }, "NULL"],
    [{ type: "object", additionalProperties: { type: "number" } }, "MAP<STRING, DOUBLE>"],
    [{ properties: { a: { type: "integer" } } }, "STRUCT<a BIGINT>"],
    [{ allOf: [{ properties: { a: { type: "integer" } } }, { properties: { b: { type: "string" } } }] }, "STRUCT<a BIGINT, b STRING>"],
    [true, "ANY"],
    [{ $ref: "#/definitions/nowhere" }, "ANY"],
  ])("%j is %s", (schema, type) => {
    expect(ofProperties({ x: schema })).toEqual({ x: type });
  });

  it("follows references within a schema, to others, and not in circles", () => {
    const room = { type: "object", properties: { floor: { $ref: "#/$defs/floor" } }, $defs: { floor: { type: "integer" } } };
    const references = new Map([["room.json", room]]);
    const fields = { room: { $ref: "room.json" }, floor: { $ref: "room.json#/$defs/floor" }, own: { $ref: "#/definitions/a~1b" } };
    expect(ofProperties(fields, { definitions: { "a/b": { type: "string" } } }, references)).toEqual({
      room: "STRUCT<floor BIGINT>",
      floor: "BIGINT",
      own: "STRING",
    });
    expect(ofProperties({ next: { $ref: "#" } })?.["next"]).toMatch(/^STRUCT<next .*ANY>+$/);
  });

  it("knows what describes no object", () => {
    for (const schema of [{ type: "string" }, {}, null, [], true]) expect(jsonSchemaColumns(schema, new Map())).toBeNull();
  });
});

describe("columns of an Avro schema", () => {
  const ofFields = (...types: readonly unknown[]) =>
    shown(
      avroColumns({ type: "record", name: "R", namespace: "n", fields: types.map((type, index) => ({ name: `f${index}`, type })) }, []),
    );

  it.each([
    ["int", "INT"],
    ["long", "BIGINT"],
    ["float", "DOUBLE"],
    ["bytes", "BYTES"],
    [["null", "string"], "STRING"],
    [["null", "string", "int"], "ANY"],
    [{ type: "string", "avro.java.string": "String" }, "STRING"],
    [{ type: "long", logicalType: "timestamp-micros" }, "TIMESTAMP"],
    [{ type: "int", logicalType: "date" }, "DATE"],
    [{ type: "bytes", logicalType: "decimal", precision: 10, scale: 2 }, "DECIMAL(10, 2)"],
    [{ type: "bytes", logicalType: "decimal", precision: 60 }, "BYTES"],
    [{ type: "fixed", name: "F", size: 16 }, "BYTES"],
    [{ type: "enum", name: "E", symbols: ["A"] }, "STRING"],
    [{ type: "array", items: ["null", "long"] }, "ARRAY<BIGINT>"],
    [{ type: "map", values: "double" }, "MAP<STRING, DOUBLE>"],
    [{ type: "record", name: "S", fields: [{ name: "a", type: "int" }] }, "STRUCT<a INT>"],
    ["n.R", "ANY"],
    ["nowhere", "ANY"],
  ])("%j is %s", (type, name) => {
    expect(ofFields(type)).toEqual({ f0: name });
  });

  it("knows named types where they are used again, with their namespaces, and those of other schemas", () => {
    const inner = { type: "record", name: "Room", fields: [{ name: "floor", type: "int" }] };
    expect(ofFields(inner, "Room", ["null", "n.Room"])).toEqual({
      f0: "STRUCT<floor INT>",
      f1: "STRUCT<floor INT>",
      f2: "STRUCT<floor INT>",
    });
    const schema = { type: "record", name: "R", fields: [{ name: "x", type: "o.Room" }] };
    expect(shown(avroColumns(schema, [{ ...inner, namespace: "o" }]))).toEqual({ x: "STRUCT<floor INT>" });
  });

  it("knows what is no record", () => {
    for (const schema of ["string", { type: "array", items: "int" }, null]) expect(avroColumns(schema, [])).toBeNull();
  });
});
