import { BIGINT, STRING } from "../../model/type.ts";
import { text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

/** RFC 3986, appendix B, with the authority taken apart; parts may be missing. */
const URL_PARTS =
  /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

const SAMPLE = "'https://docs.example.org:8080/a/b.html?q=x+y&lang=de#top'";

/** What is not there is NULL, and so is everything of a text that is no URL. Escapes are decoded. */
export const urlFunctions: readonly ScalarFunction[] = [
  {
    name: "url_encode_param",
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: "The text as the value of a parameter in a URL: spaces become `+`, all but letters, digits and `*-._` are escaped.",
    examples: [{ sql: "url_encode_param('url encoded ü')", result: "url+encoded+%C3%BC", duckdb: null }],
    implement: (value: string) =>
      encodeURIComponent(value.toWellFormed())
        .replaceAll("%20", "+")
        .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`),
  },
  {
    name: "url_decode_param",
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: "What `url_encode_param` made of a text, undone.",
    examples: [{ sql: "url_decode_param('url+encoded+%C3%BC')", result: "url encoded ü", duckdb: null }],
    implement: (value: string) => {
      const decoded = decode(value.replaceAll("+", " "));
      if (decoded === null) throw new RangeError(`'${value}' has an escape that is none`);
      return decoded;
    },
  },
  {
    name: "url_encode",
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: "The text with all but letters, digits and `-._~` escaped as `%20`.",
    examples: [{ sql: "url_encode('a b/ü')", result: "a%20b%2F%C3%BC" }],
    implement: (value: string) =>
      encodeURIComponent(value.toWellFormed()).replaceAll(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
  },
  part("url_extract_protocol", "The protocol of a URL.", "https", ([, protocol]) => protocol ?? null),
  part("url_extract_host", "The host of a URL.", "docs.example.org", ([, , host]) => host || null),
  {
    ...part("url_extract_port", "The port of a URL, where it is written.", 8080, ([, , , port]) => (port ? Number(port) : null)),
    result: BIGINT,
  },
  part("url_extract_path", "The path of a URL.", "/a/b.html", ([, , , , path]) => decode(path ?? "")),
  part("url_extract_query", "The query of a URL: what stands behind `?`.", "q=x+y&lang=de", ([, , , , , query]) => decode(query ?? null)),
  part("url_extract_fragment", "The fragment of a URL: what stands behind `#`.", "top", (parts) => decode(parts[6] ?? null)),
  {
    name: "url_extract_parameter",
    synonyms: [],
    parameters: [text("url"), text("parameter")],
    result: STRING,
    doc: "The value of the first parameter of that name in the query of a URL.",
    examples: [
      { sql: `url_extract_parameter(${SAMPLE}, 'q')`, result: "x y", duckdb: null },
      { sql: `url_extract_parameter(${SAMPLE}, 'page')`, result: null, duckdb: null },
    ],
    implement: (url: string, parameter: string) => {
      for (const pair of URL_PARTS.exec(url)?.[5]?.split("&") ?? []) {
        const at = pair.indexOf("=");
        const name = decode((at < 0 ? pair : pair.slice(0, at)).replaceAll("+", " "));
        if (name === parameter) return at < 0 ? "" : decode(pair.slice(at + 1).replaceAll("+", " "));
      }
      return null;
    },
  },
];

type Parts = readonly (string | undefined)[];

function part(name: string, doc: string, result: string | number, read: (parts: Parts) => string | number | null): ScalarFunction {
  return {
    name,
    synonyms: [],
    parameters: [text("url")],
    result: STRING,
    doc,
    examples: [{ sql: `${name}(${SAMPLE})`, result, duckdb: null }],
    implement: (url: string) => {
      const parts = /\s/.test(url) ? null : URL_PARTS.exec(url);
      return parts === null ? null : read(parts);
    },
  };
}

function decode(value: string | null): string | null {
  if (value === null) return null;
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}
