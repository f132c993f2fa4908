import { describe, expect, it } from "vitest";
import { mappingConflicts, propertiesOf } from "../../../src/adapters/elasticsearch/mapping.ts";
import { ANY, BIGINT, BOOLEAN, DATE, type DataType, DOUBLE, INT, STRING, TIME, TIMESTAMP } from "../../../src/model/type.ts";

const columns = (types: Readonly<Record<string, DataType>>) => Object.entries(types).map(([name, type]) => ({ name, type }));

describe("mapping of a target", () => {
  it("has a field for every column whose type is known", () => {
    const room: DataType = { kind: "struct", fields: [{ name: "floor", type: INT }] };
    const types = {
      s: STRING,
      i: INT,
      l: BIGINT,
      d: DOUBLE,
      b: BOOLEAN,
      t: TIMESTAMP,
      day: DATE,
      at: TIME,
      room,
      tags: arrayOf(STRING),
      x: ANY,
    };
    const keyword = { type: "keyword", ignore_above: 8191 };
    expect(propertiesOf(columns(types))).toEqual({
      s: keyword,
      i: { type: "long" },
      l: { type: "long" },
      d: { type: "double" },
      b: { type: "boolean" },
      t: { type: "date" },
      day: { type: "date" },
      at: keyword,
      room: { type: "object", properties: { floor: { type: "long" } } },
      tags: keyword,
    });
  });

  it("fits the mapping that it makes itself", () => {
    const own = columns({ s: STRING, i: INT, d: DOUBLE, b: BOOLEAN, t: TIMESTAMP, at: TIME, tags: arrayOf(BIGINT), x: ANY });
    expect(mappingConflicts({ properties: propertiesOf(own) }, own)).toEqual([]);
  });

  it.each([
    [STRING, "long"],
    [DOUBLE, "integer"],
    [TIMESTAMP, "long"],
    [BOOLEAN, "double"],
    [BIGINT, "boolean"],
    [INT, "object"],
    [arrayOf(STRING), "float"],
  ])("sees that %j would be refused or cut by a field of type %s", (type, field) => {
    expect(mappingConflicts({ properties: { c: { type: field } } }, columns({ c: type }))).toHaveLength(1);
  });

  it.each([
    [STRING, "text"],
    [STRING, "date"],
    [BIGINT, "double"],
    [BIGINT, "date"],
    [DOUBLE, "scaled_float"],
    [TIMESTAMP, "date_nanos"],
    [STRING, "geo_point"],
    [ANY, "long"],
  ])("lets %j go into a field of type %s", (type, field) => {
    expect(mappingConflicts({ properties: { c: { type: field } } }, columns({ c: type }))).toEqual([]);
  });

  it("names the column, its type and the field's", () => {
    const mapping = { properties: { avg: { type: "long" }, room: { properties: {} } } };
    expect(mappingConflicts(mapping, columns({ avg: DOUBLE, room: STRING, free: STRING }))).toEqual([
      "column avg is DOUBLE, but the field is mapped as long",
      "column room is STRING, but the field is mapped as object",
    ]);
  });

  it("misses a column in a strict mapping only", () => {
    expect(mappingConflicts({ dynamic: "strict" }, columns({ c: STRING }))).toEqual(["column c is not in the strict mapping"]);
    expect(mappingConflicts({ dynamic: "false" }, columns({ c: STRING }))).toEqual([]);
  });
});

function arrayOf(element: DataType): DataType {
  return { kind: "array", element };
}
