import type { ObjectValue, Value } from "../model/value.ts";

/**
 * Values as bytes to be kept, which say what they are: JSON, with `{"$": …}` for what JSON has no word for. Decimals and long integers
 * are BigInts; an object of the language is written as its members, so that `$` may be one of them.
 */
export function valueBytes(value: Value): Uint8Array {
  return Buffer.from(JSON.stringify(packed(value)));
}

export function valueOfBytes(bytes: Uint8Array): Value {
  return unpacked(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()));
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

function packed(value: Value): Json {
  if (typeof value === "bigint") return { $: "n", of: String(value) };
  if (typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: "f", of: Object.is(value, -0) ? "-0" : String(value) };
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return { $: "b", of: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
  if (Array.isArray(value)) return value.map(packed);
  const members = Object.entries(value as ObjectValue).map(([name, member]) => [name, packed(member)] as const);
  return "$" in value ? { $: "o", of: members } : Object.fromEntries(members);
}

function unpacked(json: Json): Value {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return (json as readonly Json[]).map(unpacked);
  const { $: kind, of } = json as Readonly<Record<string, Json>>;
  switch (kind) {
    case "n":
      return BigInt(of as string);
    case "f":
      return Number(of);
    case "b":
      return Buffer.from(of as string, "base64");
    case "o":
      return membersOf(of as readonly (readonly [string, Json])[]);
    default:
      return membersOf(Object.entries(json));
  }
}

function membersOf(members: readonly (readonly [string, Json])[]): ObjectValue {
  const made: Record<string, Value> = Object.create(null);
  for (const [name, member] of members) made[name] = unpacked(member);
  return made;
}
