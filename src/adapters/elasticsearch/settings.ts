import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { ConnectionConfig } from "../../ports/connection.ts";
import {
  invalidSetting,
  loginSetting,
  refuseUnknownSettings,
  textSetting,
  tlsSetting,
  wholeNumberSetting,
} from "../connection-settings.ts";

export interface ElasticsearchSettings {
  /** Addresses without credentials, so that they can be printed. */
  readonly nodes: readonly string[];
  readonly auth: { readonly username: string; readonly password: string } | { readonly apiKey: string } | null;
  /** Options of Node's `tls.connect`; null: Node's own, where an address begins with https. */
  readonly tls: TlsOptions | null;
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

const KNOWN = [
  "node",
  "nodes",
  "username",
  "password",
  "apiKey",
  "tls",
  "requestTimeoutMs",
  "compatibility",
  "bulkBytes",
  "bulkDocuments",
  "inFlight",
];

/** Checks the settings of a connection; CONFIG_INVALID names the key that is unknown or has an illegal value. */
export function readSettings(config: ConnectionConfig): ElasticsearchSettings {
  refuseUnknownSettings(config, KNOWN);
  const urls = nodeTexts(config).map((text) => nodeUrl(config, text));
  const tls = tlsSetting(config);
  const plain = urls.find(({ protocol }) => protocol === "http:");
  if (tls !== null && plain !== undefined)
    throw invalidSetting(config, "tls", `is given, but ${plain.origin} is spoken to without it`, "write https://");
  return {
    nodes: urls.map((url) => `${url.origin}${url.pathname.replace(/\/+$/, "")}`),
    auth: credentials(config) ?? credentialsInUrl(urls),
    tls,
    requestTimeoutMs: wholeNumberSetting(config, "requestTimeoutMs", 600_000) ?? 30_000,
    compatibility: compatibility(config),
    bulkBytes: wholeNumberSetting(config, "bulkBytes", 100 << 20) ?? 4 << 20,
    bulkDocuments: wholeNumberSetting(config, "bulkDocuments", 100_000) ?? 1000,
    inFlight: wholeNumberSetting(config, "inFlight", 64) ?? 2,
  };
}

function nodeTexts(config: ConnectionConfig): readonly string[] {
  const { node, nodes } = config.settings;
  if (node !== undefined && nodes !== undefined) throw invalidSetting(config, "nodes", "and node are both given: keep one of them");
  const key = node === undefined ? "nodes" : "node";
  const given = node ?? nodes;
  if (given === undefined) throw invalidSetting(config, "node", "is missing: the server's address, such as http://localhost:9200");
  const list = typeof given === "string" ? given.split(",").map((text) => text.trim()) : given;
  if (!Array.isArray(list) || list.length === 0 || !list.every((text) => typeof text === "string" && text !== "")) {
    throw invalidSetting(config, key, "must be an address or a list of addresses, such as http://localhost:9200");
  }
  return list;
}

function nodeUrl(config: ConnectionConfig, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    // The text is not repeated: it may hold a password.
    throw invalidSetting(config, config.settings.node === undefined ? "nodes" : "node", "must begin with http:// or https://");
  }
  return url;
}

function credentials(config: ConnectionConfig): ElasticsearchSettings["auth"] {
  const apiKey = textSetting(config, "apiKey");
  if (apiKey === null) return loginSetting(config);
  const { username, password } = config.settings;
  if (username !== undefined || password !== undefined) {
    throw invalidSetting(config, "apiKey", "and username/password are both given: keep one");
  }
  return { apiKey };
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
  if (version !== 8 && version !== 9) throw invalidSetting(config, "compatibility", "must be 8 or 9");
  return version;
}
