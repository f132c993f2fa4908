import { isMap, isScalar, LineCounter, parseDocument, type Scalar, type YAMLMap } from "yaml";
import type { ConnectorFile, ConnectorProperty, ForeignProblem } from "./connector-file.ts";

/** What Kafka Connect's REST interface takes: `{"name": …, "config": {…}}`, or the configuration alone. */
export function readConnectJson(text: string): ConnectorFile {
  const broken = jsonProblem(text);
  if (broken !== null) return { properties: [], problems: [broken] };
  // JSON is YAML too, and this parser says where things stand.
  const root = parseDocument(text, { lineCounter: new LineCounter(), uniqueKeys: false }).contents;
  if (!isMap(root)) return { properties: [], problems: [problemAt([0, text.length], "an object with the configuration is wanted")] };
  const config = root.items.find(({ key }) => isScalar(key) && key.value === "config")?.value;
  return isMap(config) ? readMaps(text, [root, config]) : readMaps(text, [root]);
}

function readMaps(text: string, maps: readonly YAMLMap[]): ConnectorFile {
  const properties: ConnectorProperty[] = [];
  const problems: ForeignProblem[] = [];
  for (const { key, value } of maps.flatMap((map) => map.items)) {
    const name = isScalar(key) ? String(key.value) : "";
    if (isScalar(value) && isScalar(key)) {
      properties.push({ name, ...textOf(text, value), start: key.range?.[0] ?? 0, comments: [] });
    } else if (isScalar(key) && name !== "config" && name !== "tasks") {
      problems.push(problemAt(key.range, `the value of ${name} is no text`, "Kafka Connect takes texts, numbers and booleans"));
    }
  }
  return { properties, problems };
}

function problemAt(range: readonly [number, number, ...number[]] | null | undefined, message: string, hint: string | null = null) {
  return { message, hint, start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
}

/** What JSON itself says is wrong; YAML would forgive too much. */
function jsonProblem(text: string): ForeignProblem | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = /at position (\d+)/.exec(message);
    const start = place === null ? text.length : Number(place[1]);
    return {
      message: `this is no JSON: ${message.replace(/ in JSON at position.*|, (?:\.\.\.)?".*is not valid JSON/s, "")}`,
      hint: null,
      start,
      end: start + 1,
    };
  }
}

function textOf(text: string, scalar: Scalar): Pick<ConnectorProperty, "value" | "offsets"> {
  const value = scalar.value === null ? "" : String(scalar.value);
  const [start, end] = scalar.range ?? [0, 0];
  if (text.charAt(start) !== '"')
    return { value, offsets: Array.from({ length: value.length + 1 }, (_, index) => Math.min(start + index, end)) };
  const offsets: number[] = [];
  for (let at = start + 1; at < end - 1; ) {
    offsets.push(at);
    if (text.charAt(at) !== "\\") at++;
    else at += text.charAt(at + 1) === "u" ? 6 : 2;
  }
  return { value, offsets: [...offsets, end - 1] };
}
