import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { BIGINT, STRING } from "../../model/type.ts";
import { text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

/** Of the UTF-8 bytes of a text, as hexadecimal digits in lower case. */
export const hashFunctions: readonly ScalarFunction[] = [
  digest("md5", "MD5", "5d41402abc4b2a76b9719d911017c592"),
  digest("sha1", "SHA-1", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
  digest("sha256", "SHA-256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
  {
    ...digest(
      "sha512",
      "SHA-512",
      "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043",
      null,
    ),
  },
  {
    name: "crc32",
    synonyms: [],
    parameters: [text()],
    result: BIGINT,
    doc: "The CRC-32 checksum of a text: good for spreading and sampling, no protection against forgery.",
    examples: [{ sql: "crc32('hello')", result: 907_060_870, duckdb: null }],
    implement: (value: string) => crc32(value),
  },
];

function digest(name: string, shown: string, result: string, duckdb?: null): ScalarFunction {
  const example = { sql: `${name}('hello')`, result };
  return {
    name,
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: `The ${shown} digest of a text.`,
    examples: [duckdb === null ? { ...example, duckdb } : example],
    implement: (value: string) => createHash(name).update(value).digest("hex"),
  };
}
