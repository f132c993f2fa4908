import { Encoder, types } from "cassandra-driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CqlType, parseCqlType } from "../../../src/adapters/cassandra/cql-type.ts";
import { LostDigits, Misfit } from "../../../src/adapters/cassandra/cql-value.ts";
import { parseExact } from "../../../src/adapters/cassandra/exact-json.ts";
import { needsDigits, toCql } from "../../../src/adapters/cassandra/to-cql-value.ts";
import { jsonOf } from "../../../src/adapters/cassandra/to-json.ts";
import { type DriverType, ENCODING } from "../../../src/adapters/cassandra/wire-value.ts";

const USER_TYPES = new Map([
  [
    "geo",
    [
      { name: "lat", typeText: "double" },
      { name: "lon", typeText: "double" },
    ],
  ],
  [
    "address",
    [
      { name: "street", typeText: "text" },
      { name: "streetname", typeText: "text" },
      { name: "zip", typeText: "int" },
      { name: "geo", typeText: "frozen<geo>" },
      { name: "tags", typeText: "frozen<list<text>>" },
      { name: "Since", typeText: "timestamp" },
    ],
  ],
  [
    "numbers",
    [
      { name: "n", typeText: "bigint" },
      { name: "d", typeText: "decimal" },
      { name: "v", typeText: "varint" },
      { name: "by", typeText: "frozen<map<int, frozen<set<bigint>>>>" },
      { name: "took", typeText: "duration" },
      { name: "ip", typeText: "inet" },
    ],
  ],
]);

/** The driver's own reader, told of the types as a server would. */
const ENCODER = new Encoder(types.protocolVersion.v5, { encoding: ENCODING });

function driverType(type: CqlType): DriverType {
  const { dataTypes } = types;
  switch (type.kind) {
    case "native":
      return { code: dataTypes[type.name] };
    case "udt":
      return { code: dataTypes.udt, info: { fields: type.fields.map(({ name, type: own }) => ({ name, type: driverType(own) })) } };
    case "tuple":
      return { code: dataTypes.tuple, info: type.elements.map(driverType) };
    case "map":
      return { code: dataTypes.map, info: [driverType(type.key), driverType(type.value)] };
    case "list":
    case "set":
      return { code: dataTypes[type.kind], info: driverType(type.element) };
    default:
      return { code: dataTypes.custom };
  }
}

/** A JSON text as the sink reads it, converted for a column of the type. */
function convert(typeText: string, json: string): unknown {
  const type = parseCqlType(typeText, USER_TYPES);
  const value = toCql(type);
  if (needsDigits(type)) return value(parseExact(json));
  try {
    return value(JSON.parse(json));
  } catch (error) {
    if (error instanceof LostDigits) return value(parseExact(json));
    throw error;
  }
}

describe("a JSON value for a column", () => {
  it.each([
    ["text", '"caf\\u00e9"', "café"],
    ["ascii", '"abc"', "abc"],
    ["boolean", "true", true],
    ["int", "-2147483648", -2147483648],
    ["int", "1e3", 1000],
    ["smallint", "32767", 32767],
    ["tinyint", "-128", -128],
    ["bigint", "1", 1n],
    ["bigint", "9007199254740993", 9007199254740993n],
    ["bigint", "-9223372036854775808", -9223372036854775808n],
    ["bigint", "1.0", 1n],
    ["bigint", "12345678901234567890e-1", 1234567890123456789n],
    ["bigint", "9.007199254740993e18", 9007199254740993000n],
    ["varint", "123456789012345678901234567890", 123456789012345678901234567890n],
    ["double", "21.5", 21.5],
    ["double", "12345678901234567890", Number("12345678901234567890")],
    ["double", "3", 3],
    ["float", "0.5", 0.5],
    ["timestamp", '"2024-02-29T12:34:56.789Z"', Date.UTC(2024, 1, 29, 12, 34, 56, 789)],
    ["timestamp", '"2024-02-29T12:34:56.7891234+02:00"', Date.UTC(2024, 1, 29, 10, 34, 56, 789)],
    ["timestamp", '"2024-02-29 12:34"', Date.UTC(2024, 1, 29, 12, 34)],
    ["timestamp", '"0001-01-01"', -62135596800000],
    ["timestamp", "1709210096789", 1709210096789],
    ["date", '"2024-02-29"', "2024-02-29"],
    ["time", '"23:59:59.123456789"', "23:59:59.123456789"],
    ["uuid", '"0f8fad5b-d9cb-469f-a165-70867728950e"', "0f8fad5b-d9cb-469f-a165-70867728950e"],
    ["inet", '"::1"', "::1"],
    ["blob", '"3q2+7w=="', Buffer.from("deadbeef", "hex")],
    ["list<int>", "[1,2]", [1, 2]],
    ["frozen<list<int>>", "[]", Buffer.alloc(4)],
    ["map<text, bigint>", '{"a":9007199254740993}', new Map([["a", 9007199254740993n]])],
    ["map<int, boolean>", '{"7":true}', new Map([[7, true]])],
  ])("%s takes %s", (type, json, expected) => {
    expect(convert(type, json)).toEqual(expected);
  });

  it.each([
    ["1.50", "1.50"],
    ["-0.05", "-0.05"],
    ["1e2", "100"],
    ["1.5e-3", "0.0015"],
    ["12345678901234567890.123456789", "12345678901234567890.123456789"],
  ])("decimal keeps the digits of %s", (json, expected) => {
    expect(String(convert("decimal", json))).toBe(expected);
  });

  it.each([
    ["text", "5", "5 does not fit"],
    ["text", "{}", "{} does not fit"],
    ["text", '"\\ud800"', "half of a surrogate pair"],
    ["ascii", '"é"', '"é" does not fit'],
    ["boolean", '"true"', '"true" does not fit'],
    ["int", "2147483648", "2147483648 does not fit"],
    ["int", "1.5", "1.5 does not fit"],
    ["int", '"5"', '"5" does not fit'],
    ["int", "99999999999999999999", "100000000000000000000 does not fit"],
    ["bigint", "1.5", "1.5 does not fit"],
    ["bigint", "9223372036854775808", "9223372036854775808 does not fit"],
    ["bigint", "1e999999999", "1e999999999 does not fit"],
    ["varint", "[1]", "[1] does not fit"],
    ["double", "1e999", "Infinity does not fit"],
    ["double", '"1"', '"1" does not fit'],
    ["float", "1e39", "1e+39 does not fit"],
    ["decimal", "1e9999", "1e9999 does not fit"],
    ["timestamp", '"2024-02-30T00:00:00Z"', "does not fit"],
    ["timestamp", '"2024-01-01T24:00:00Z"', "does not fit"],
    ["timestamp", '"yesterday"', "does not fit"],
    ["timestamp", "1.5", "1.5 does not fit"],
    ["date", '"2023-02-29"', "does not fit"],
    ["date", '"2023-02-01T00:00:00Z"', "does not fit"],
    ["time", '"24:00:00"', "does not fit"],
    ["uuid", '"x"', "does not fit"],
    ["timeuuid", '"0f8fad5b-d9cb-469f-a165-70867728950e"', "does not fit"],
    ["inet", '"localhost"', "does not fit"],
    ["blob", '"not base64!"', "does not fit"],
    ["list<int>", '"1"', "does not fit"],
    ["list<int>", "[1,null]", "[1]: a collection cannot hold null"],
    ["map<text, int>", "[1]", "does not fit"],
    ["map<int, int>", '{"":1}', "does not fit"],
    ["map<text, list<int>>", '{"a b":[1,"x"]}', '"a b"[1]: "x" does not fit'],
    ["frozen<elsewhere>", "{}", "values of type elsewhere are not written"],
    ["address", '"x"', '"x" does not fit'],
    ["address", "[]", "[] does not fit"],
    ["address", "12345678901234567890.5", "does not fit"],
    ["address", '{"zip":"x"}', 'zip (int): "x" does not fit'],
    ["address", '{"tags":"x"}', 'tags (frozen<list<text>>): "x" does not fit'],
    ["address", '{"tags":["a",null]}', "tags[1]: a collection cannot hold null"],
    ["address", '{"town":null}', "town: the type address has no such field; it has street, streetname, zip, geo, tags, Since"],
    ["address", '{"geo":{"lat":1,"lon":"x"}}', 'geo.lon (double): "x" does not fit'],
    ["address", '{"geo":{"alt":1}}', "geo.alt: the type geo has no such field; it has lat, lon"],
    ["address", '{"streetName":null,"streetname":"x"}', "streetname: another member goes to the same field"],
    ["address", '{"__proto__":{}}', "__proto__: the type address has no such field"],
    ["list<frozen<address>>", '[{},{"geo":{"lat":{}}}]', "[1].geo.lat (double): {} does not fit"],
    ["map<text, frozen<address>>", '{"home":{"zip":1.5}}', "home.zip (int): 1.5 does not fit"],
    ["map<text, frozen<address>>", '{"home":null}', "home: a collection cannot hold null"],
    ["numbers", '{"took":"1h"}', "took (duration): values of type duration are not written"],
    ["numbers", '{"ip":"fe80::1%eth0"}', "ip (inet): Value could not be parsed as InetAddress"],
    ["tuple<int, text>", "[1]", "the tuple has 2 elements, not 1"],
    ["tuple<int, text>", '{"0":1}', "does not fit"],
    ["tuple<int, frozen<address>>", '[1,{"zip":"x"}]', '[1].zip (int): "x" does not fit'],
  ])("%s refuses %s", (type, json, message) => {
    expect(() => convert(type, json)).toThrow(Misfit);
    expect(() => convert(type, json)).toThrow(message);
  });

  /** What the driver reads from the bytes of a value, as JSON. */
  function readBack(typeText: string, json: string): string {
    return jsonOf(ENCODER.decode(convert(typeText, json) as Buffer, driverType(parseCqlType(typeText, USER_TYPES))));
  }

  it.each([
    ["address", "{}", '{"street":null,"streetname":null,"zip":null,"geo":null,"tags":null,"Since":null}'],
    [
      "address",
      '{"Since":"2024-02-29T12:34:56.789Z","geo":{"lon":-0.5},"zip":null,"street":"","STREETNAME":"é"}',
      '{"street":"","streetname":"é","zip":null,"geo":{"lat":null,"lon":-0.5},"tags":null,"Since":"2024-02-29T12:34:56.789Z"}',
    ],
    ["address", '{"tags":["a","b"]}', '{"street":null,"streetname":null,"zip":null,"geo":null,"tags":["a","b"],"Since":null}'],
    ["geo", '{"LAT":1,"Lon":2}', '{"lat":1,"lon":2}'],
    [
      "numbers",
      '{"n":9223372036854775807,"d":0.10,"v":-123456789012345678901234567890,"by":{"7":[9007199254740993,1,-1,1],"-7":[],"7.0":[2]}}',
      '{"n":9223372036854775807,"d":0.10,"v":-123456789012345678901234567890,"by":{"-7":[],"7":[2]},"took":null,"ip":null}',
    ],
    ["tuple<frozen<set<bigint>>>", "[[9007199254740993,1,-1,1]]", "[[-1,1,9007199254740993]]"],
    ["tuple<bigint, text, frozen<geo>>", '[9007199254740993,null,{"lat":1.5}]', '[9007199254740993,null,{"lat":1.5,"lon":null}]'],
  ])("%s has of %s the bytes of %s", (type, json, expected) => {
    expect(readBack(type, json)).toBe(expected);
  });

  it("keeps an empty list and an empty map in a user-defined type apart from null", () => {
    const tags = (json: string): Buffer => (convert("address", json) as Buffer).subarray(16);
    expect(tags('{"tags":[]}')).toEqual(Buffer.from("00000004" + "00000000" + "ffffffff", "hex"));
    expect(tags('{"tags":null}')).toEqual(Buffer.from("ffffffff" + "ffffffff", "hex"));
    const by = (convert("numbers", '{"by":{}}') as Buffer).subarray(12, 24);
    expect(by).toEqual(Buffer.from("00000004" + "00000000" + "ffffffff", "hex"));
  });

  it("cuts what it shows of a long value", () => {
    expect(() => convert("int", JSON.stringify("x".repeat(500)))).toThrow(/^"x{59}… does not fit$/);
  });

  it("takes every 64-bit integer digit by digit", () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (integer) => {
        expect(convert("bigint", String(integer))).toBe(integer);
      }),
    );
  });

  it("takes every instant of four-digit years", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
        expect(convert("timestamp", JSON.stringify(date))).toBe(date.getTime());
      }),
    );
  });
});

describe("a value of the driver as JSON", () => {
  it.each([
    [null, "null"],
    [9007199254740993n, "9007199254740993"],
    [0.1, "0.1"],
    [Number.NaN, "null"],
    [types.BigDecimal.fromString("12345678901234567890.10"), "12345678901234567890.10"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [Buffer.from("deadbeef", "hex"), '"3q2+7w=="'],
    [types.LocalDate.fromString("2024-02-29"), '"2024-02-29"'],
    [types.Uuid.fromString("0f8fad5b-d9cb-469f-a165-70867728950e"), '"0f8fad5b-d9cb-469f-a165-70867728950e"'],
    [["a\n", 1n], '["a\\n",1]'],
    [
      new Map<unknown, unknown>([
        [7n, true],
        ["b", null],
      ]),
      '{"7":true,"b":null}',
    ],
    [new types.Tuple(1, "x"), '[1,"x"]'],
    [{ street: "s", number: 1n }, '{"street":"s","number":1}'],
  ])("%s", (value, json) => {
    expect(jsonOf(value)).toBe(json);
  });
});
