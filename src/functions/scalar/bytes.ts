import { BIGINT, BYTES, type DataType, STRING } from "../../model/type.ts";
import { integer, optional, text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

/** How bytes are written as text. */
const ENCODINGS = ["hex", "utf8", "ascii", "base64"] as const;
const ENCODING = { ...text("encoding"), oneOf: ENCODINGS };
const BINARY = { name: "bytes", type: BYTES } as const;

export const bytesFunctions: readonly ScalarFunction[] = [
  {
    name: "to_bytes",
    synonyms: [],
    parameters: [text(), ENCODING],
    result: BYTES,
    doc: "The bytes that a text in `hex`, `utf8`, `ascii` or `base64` means.",
    examples: [{ sql: "to_bytes('6869', 'hex')", result: "aGk=", duckdb: null }],
    implement: read,
  },
  {
    name: "from_bytes",
    synonyms: [],
    parameters: [BINARY, ENCODING],
    result: STRING,
    doc: "Bytes as text in `hex`, `utf8`, `ascii` or `base64`.",
    examples: [{ sql: "from_bytes(to_bytes('hi', 'utf8'), 'hex')", result: "6869", duckdb: null }],
    implement: write,
  },
  {
    name: "encode",
    synonyms: [],
    parameters: [text(), optional({ ...ENCODING, name: "from" }), optional({ ...ENCODING, name: "to" })],
    result: (types: readonly DataType[]) => (types.length === 1 ? BYTES : STRING),
    doc: "The UTF-8 bytes of a text; with two encodings the text written in the second instead of the first.",
    examples: [
      { sql: "encode('hi')", result: "aGk=", duckdb: null },
      { sql: "encode('hi', 'utf8', 'hex')", result: "6869", duckdb: null },
      { sql: "encode('6869', 'hex', 'base64')", result: "aGk=", duckdb: null },
    ],
    implement: (value: string, from = "utf8", to?: string) => (to === undefined ? read(value, from) : write(read(value, from), to)),
  },
  {
    name: "decode",
    synonyms: [],
    parameters: [BINARY],
    result: STRING,
    doc: "The text of UTF-8 bytes.",
    examples: [{ sql: "decode(encode('é'))", result: "é" }],
    implement: (bytes: Uint8Array) => write(bytes, "utf8"),
  },
  {
    name: "hex",
    synonyms: ["to_hex"],
    parameters: [text()],
    result: STRING,
    doc: "The UTF-8 bytes of a text as hexadecimal digits.",
    examples: [{ sql: "hex('hi')", result: "6869" }],
    implement: (value: string) => Buffer.from(value).toString("hex").toUpperCase(),
  },
  {
    name: "unhex",
    synonyms: ["from_hex"],
    parameters: [text()],
    result: BYTES,
    doc: "The bytes of hexadecimal digits.",
    examples: [{ sql: "unhex('6869')", result: "aGk=", duckdb: null }],
    implement: (value: string) => read(value, "hex"),
  },
  {
    name: "to_base64",
    synonyms: ["base64"],
    parameters: [BINARY],
    result: STRING,
    doc: "Bytes in base64.",
    examples: [{ sql: "to_base64(encode('hi'))", result: "aGk=" }],
    implement: (bytes: Uint8Array) => write(bytes, "base64"),
  },
  {
    name: "from_base64",
    synonyms: [],
    parameters: [text()],
    result: BYTES,
    doc: "The bytes of a text in base64.",
    examples: [{ sql: "decode(from_base64('aGk='))", result: "hi" }],
    implement: (value: string) => read(value, "base64"),
  },
  {
    name: "bytes_length",
    synonyms: [],
    parameters: [BINARY],
    result: BIGINT,
    doc: "The number of bytes.",
    examples: [{ sql: "bytes_length(encode('é'))", result: 2, duckdb: "octet_length(encode('é'))" }],
    implement: (bytes: Uint8Array) => bytes.length,
  },
  {
    name: "bytes_slice",
    synonyms: [],
    parameters: [BINARY, integer("start"), optional(integer("length"))],
    result: BYTES,
    doc: "The bytes from one on, counted from 1, at most so many.",
    examples: [{ sql: "decode(bytes_slice(encode('hello'), 2, 3))", result: "ell", duckdb: null }],
    implement: (bytes: Uint8Array, start: number, length = bytes.length) =>
      bytes.subarray(Math.max(start - 1, 0), Math.max(start - 1 + Math.max(length, 0), 0)),
  },
];

const IS: Readonly<Record<string, RegExp>> = {
  hex: /^(0x|[xX]')?([0-9A-Fa-f]{2})*'?$/,
  base64: /^[A-Za-z0-9+/]*={0,2}$/,
};

function read(value: string, encoding: string): Uint8Array {
  const name = encodingOf(encoding);
  if (IS[name]?.test(value) === false) throw new RangeError(`'${value}' is not written in ${name}`);
  return Buffer.from(name === "hex" ? value.replaceAll(/^0x|[xX']/g, "") : value, name);
}

function write(bytes: Uint8Array, encoding: string): string {
  const name = encodingOf(encoding);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const written = buffer.toString(name);
  if (name === "utf8" && written.includes("\ufffd") && Buffer.compare(Buffer.from(written), buffer) !== 0) {
    throw new RangeError("the bytes are no text in UTF-8");
  }
  return written;
}

function encodingOf(name: string): (typeof ENCODINGS)[number] {
  const known = ENCODINGS.find((encoding) => encoding === name.toLowerCase().replace("utf-8", "utf8"));
  if (known === undefined) throw new RangeError(`'${name}' is no encoding; use ${ENCODINGS.join(", ")}`);
  return known;
}
