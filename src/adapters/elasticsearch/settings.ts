import { SluiceError } from "../../errors.ts";
import type { ConnectionConfig } from "../../ports/connection.ts";

export interface ElasticsearchSettings {
  /** Addresses without credentials, so that they can be printed. */
  readonly nodes: readonly string[];
  readonly auth: { readonly username: string; readonly password: string } | { readonly apiKey: string } | null;
  readonly requestTimeoutMs: number;
  /** Which generation of the REST interface is asked for; null finds it out at the first request. */
  readonly compatibility: 8 | 9 | null;
  /** Bytes of one bulk request; a larger document travels alone. */
  readonly bulkBytes: number;
  /** Documents of one bulk request where the statement has no BATCH. */
  readonly bulkDocuments: number;
  /** Bulk requests that one sink has under way at the same time. */
  readonly inFlight: number;
}

const KNOWN = new Set([
  "node",
  "nodes",
  "username",
  "password",
  "apiKey",
  "requestTimeoutMs",
  "compatibility",
  "bulkBytes",
  "bulkDocuments",
  "inFlight",
]);

/** Checks the settings of a connection; CONFIG_INVALID names the key that is unknown or has an illegal value. */
export function readSettings(config: ConnectionConfig): ElasticsearchSettings {
  for (const key of Object.keys(config.settings)) {
    if (!KNOWN.has(key)) throw invalid(config, key, `is unknown; known are ${[...KNOWN].join(", ")}`);
  }
  const urls = nodeTexts(config).map((text) => nodeUrl(config, text));
  return {
    nodes: urls.map((url) => `${url.origin}${url.pathname.replace(/\/+$/, "")}`),
    auth: credentials(config) ?? credentialsInUrl(urls),
    requestTimeoutMs: wholeNumber(config, "requestTimeoutMs", 30_000, 600_000),
    compatibility: compatibility(config),
    bulkBytes: wholeNumber(config, "bulkBytes", 4 << 20, 100 << 20),
    bulkDocuments: wholeNumber(config, "bulkDocuments", 1000, 100_000),
    inFlight: wholeNumber(config, "inFlight", 2, 64),
  };
}

function nodeTexts(config: ConnectionConfig): readonly string[] {
  const { node, nodes } = config.settings;
  if (node !== undefined && nodes !== undefined) throw invalid(config, "nodes", "and node are both given: keep one of them");
  const key = node === undefined ? "nodes" : "node";
  const given = node ?? nodes;
  if (given === undefined) throw invalid(config, "node", "is missing: the server's address, such as http://localhost:9200");
  const list = typeof given === "string" ? given.split(",").map((text) => text.trim()) : given;
  if (!Array.isArray(list) || list.length === 0 || !list.every((text) => typeof text === "string" && text !== "")) {
    throw invalid(config, key, "must be an address or a list of addresses, such as http://localhost:9200");
  }
  return list;
}

function nodeUrl(config: ConnectionConfig, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    // The text is not repeated: it may hold a password.
    throw invalid(config, config.settings.node === undefined ? "nodes" : "node", "must begin with http:// or https://");
  }
  return url;
}

function credentials(config: ConnectionConfig): ElasticsearchSettings["auth"] {
  const username = optionalText(config, "username");
  const password = optionalText(config, "password");
  const apiKey = optionalText(config, "apiKey");
  if (apiKey !== null) {
    if (username !== null || password !== null) throw invalid(config, "apiKey", "and username/password are both given: keep one");
    return { apiKey };
  }
  if (username === null && password === null) return null;
  if (username === null) throw invalid(config, "username", "is missing: password is given without it");
  if (password === null) throw invalid(config, "password", "is missing: username is given without it");
  return { username, password };
}

function credentialsInUrl(urls: readonly URL[]): ElasticsearchSettings["auth"] {
  const url = urls.find((candidate) => candidate.username !== "");
  if (url === undefined) return null;
  return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

function compatibility(config: ConnectionConfig): 8 | 9 | null {
  const given = config.settings.compatibility;
  if (given === undefined || given === null) return null;
  const version = Number(given);
  if (version !== 8 && version !== 9) throw invalid(config, "compatibility", "must be 8 or 9");
  return version;
}

function optionalText(config: ConnectionConfig, key: string): string | null {
  const given = config.settings[key];
  if (given === undefined || given === null) return null;
  if (typeof given !== "string" || given === "") throw invalid(config, key, "must be a text that is not empty");
  return given;
}

/** A number, or digits: what comes out of `${ENV}` is text. */
function wholeNumber(config: ConnectionConfig, key: string, otherwise: number, max: number): number {
  const given = config.settings[key];
  if (given === undefined || given === null) return otherwise;
  const value = typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > max) {
    throw invalid(config, key, `must be a whole number from 1 to ${max}`);
  }
  return value;
}

function invalid(config: ConnectionConfig, key: string, problem: string): SluiceError {
  return new SluiceError("CONFIG_INVALID", `connections.${config.name}.${key} ${problem}`);
}
