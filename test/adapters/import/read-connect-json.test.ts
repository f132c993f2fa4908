import { describe, expect, it } from "vitest";
import { readConnectJson } from "../../../src/adapters/import/read-connect-json.ts";

const valuesOf = (text: string): unknown => Object.fromEntries(readConnectJson(text).properties.map(({ name, value }) => [name, value]));

describe("readConnectJson", () => {
  it("takes what Kafka Connect's REST interface takes, and the configuration alone", () => {
    const config = { "connector.class": "x.Sink", "tasks.max": 2, "errors.log.enable": true };
    const expected = { "connector.class": "x.Sink", "tasks.max": "2", "errors.log.enable": "true" };
    expect(valuesOf(JSON.stringify({ name: "hot", config }))).toEqual({ name: "hot", ...expected });
    expect(valuesOf(JSON.stringify(config, null, 2))).toEqual(expected);
    expect(valuesOf(JSON.stringify({ name: "hot", config, tasks: [], type: "sink" }))).toEqual({ name: "hot", type: "sink", ...expected });
  });

  it("says where each character of a value was written", () => {
    const value = 'a "b"\n\té \\ 😀 FROM t';
    const text = `{\t"kcql": ${JSON.stringify(value).replace("é", "\\u00e9")} }`;
    const [property] = readConnectJson(text).properties;
    expect(property?.value).toBe(value);
    const at = property?.offsets[value.indexOf("FROM")] ?? -1;
    expect(text.slice(at, at + 6)).toBe("FROM t");
    expect(text.charAt(property?.offsets.at(-1) ?? -1)).toBe('"');
  });

  it.each([
    ['{"a": 1,}', 8],
    ["{'a': 1}", 1],
    ['{"a": "x"', 9],
  ])("refuses %s, with its place", (text, start) => {
    const { properties, problems } = readConnectJson(text);
    expect([properties, problems]).toEqual([[], [expect.objectContaining({ start })]]);
  });

  it("refuses values that are no texts", () => {
    const text = '{"config": {"a": ["b"]}}';
    expect(readConnectJson(text).problems).toEqual([expect.objectContaining({ message: "the value of a is no text", start: 12 })]);
    expect(readConnectJson("[1]").problems).toHaveLength(1);
  });
});
