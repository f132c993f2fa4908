import { describe, expect, it } from "vitest";
import { propertiesOf } from "../../../src/adapters/elasticsearch/mapping.ts";
import { type MappingConflict, mappingConflicts } from "../../../src/adapters/elasticsearch/mapping-conflicts.ts";
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

  const problems = (conflicts: readonly MappingConflict[]) => conflicts.map(({ problem }) => problem);

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
    expect(problems(mappingConflicts(mapping, columns({ avg: DOUBLE, room: STRING, free: STRING })))).toEqual([
      "column avg is DOUBLE, but the field is mapped as long",
      "column room is STRING, but the field is mapped as object",
    ]);
  });

  it("refuses a column that a strict mapping misses, and tells of one that will not be found", () => {
    const [strict, ...others] = mappingConflicts({ dynamic: "strict" }, columns({ c: STRING }));
    expect([strict, others]).toEqual([{ column: "c", refused: true, problem: "column c is not in the strict mapping" }, []]);
    expect(mappingConflicts({ dynamic: "false" }, columns({ c: STRING }))).toMatchObject([{ refused: false }]);
  });

  it("looks into objects, and makes objects of dots", () => {
    const struct = (fields: Readonly<Record<string, DataType>>): DataType => ({ kind: "struct", fields: columns(fields) });
    const inner = { properties: { floor: { type: "long" }, at: { type: "alias", path: "x" } } };
    const mapping = { properties: { room: inner, rooms: { type: "nested", dynamic: "strict", ...inner }, flat: { type: "flattened" } } };
    const types = {
      "room.floor": DOUBLE,
      rooms: arrayOf(struct({ floor: STRING, name: STRING })),
      room: struct({ at: STRING }),
      flat: struct({ x: INT }),
    };
    expect(problems(mappingConflicts(mapping, columns(types)))).toEqual([
      "column room.floor is DOUBLE, but the field is mapped as long",
      "column rooms.floor is STRING, but the field is mapped as long",
      "column rooms.name is not in the strict mapping",
      "column room.at is an alias in the mapping, which documents cannot have",
    ]);
    expect(problems(mappingConflicts({ properties: { room: { type: "keyword" } } }, columns({ "room.floor": INT })))).toEqual([
      "column room is STRUCT<floor INT>, but the field is mapped as keyword",
    ]);
  });

  it.each<[DataType, string | undefined, boolean]>([
    [TIMESTAMP, undefined, true],
    [TIMESTAMP, "strict_date_optional_time||epoch_millis", true],
    [TIMESTAMP, "epoch_second", false],
    [TIMESTAMP, "yyyy-MM-dd", false],
    [TIMESTAMP, "yyyy-MM-dd'T'HH:mm:ss.SSSX", true],
    [TIMESTAMP, "yyyy-MM-dd||date_time", true],
    [DATE, "yyyy-MM-dd", true],
    [DATE, "epoch_millis", false],
    [BIGINT, undefined, true],
    [BIGINT, "epoch_second", false],
    [BIGINT, "strict_date_optional_time", false],
    [STRING, "epoch_second", true],
  ])("of %j into a date of the format %s: %s", (type, format, fits) => {
    const mapping = { properties: { at: { type: "date", ...(format === undefined ? {} : { format }) } } };
    expect(mappingConflicts(mapping, columns({ at: type }))).toHaveLength(fits ? 0 : 1);
  });

  it("asks dynamic templates what becomes of a new field", () => {
    const dynamic_templates = [
      { longs: { match: "*_id", match_mapping_type: "long", mapping: { type: "keyword" } } },
      { texts: { match_mapping_type: "string", unmatch: "note*", mapping: { type: "long" } } },
      { rooms: { path_match: "room.*", mapping: { type: "boolean" } } },
      { named: { match_pattern: "regex", match: "^x\\d+$", mapping: { type: "{dynamic_type}" } } },
      { rest: { match: "x*", mapping: { type: "ip_range" } } },
    ];
    const room: DataType = { kind: "struct", fields: columns({ floor: INT }) };
    const types = { device_id: BIGINT, name: STRING, note1: STRING, x1: DOUBLE, x: DOUBLE, any: ANY, room };
    expect(problems(mappingConflicts({ dynamic_templates, properties: { room: {} } }, columns(types)))).toEqual([
      'column name is STRING, but the field is mapped as long by the dynamic template "texts"',
      'column room.floor is INT, but the field is mapped as boolean by the dynamic template "rooms"',
    ]);
  });
});

function arrayOf(element: DataType): DataType {
  return { kind: "array", element };
}
