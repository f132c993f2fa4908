import { types } from "cassandra-driver";

/**
 * A value that the driver read, as JSON: integers and decimals digit by digit, instants as ISO 8601 UTC with milliseconds,
 * bytes as base64, what has no JSON form (uuid, inet, date, time, duration) as text. NaN and infinities are null.
 */
export function jsonOf(value: unknown): string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "bigint":
      return String(value);
    case "object":
      return objectJson(value);
    default:
      return "null";
  }
}

function objectJson(value: object | null): string {
  if (value === null) return "null";
  if (value instanceof Date) return JSON.stringify(value);
  if (value instanceof Buffer) return JSON.stringify(value.toString("base64"));
  if (value instanceof types.BigDecimal) return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(",")}]`;
  if (value instanceof types.Tuple) return `[${value.values().map(jsonOf).join(",")}]`;
  if (value instanceof Map) return membersJson([...value].map(([key, item]) => [memberName(key), item]));
  // User-defined types are the driver's only plain objects.
  if (Object.getPrototypeOf(value) === Object.prototype) return membersJson(Object.entries(value));
  return JSON.stringify(String(value));
}

export function membersJson(members: readonly (readonly [name: string, value: unknown])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${jsonOf(value)}`).join(",")}}`;
}

/** As text: what is a JSON string without its quotes, else its JSON. */
export function memberName(value: unknown): string {
  const json = jsonOf(value);
  return json.startsWith('"') ? JSON.parse(json) : json;
}
