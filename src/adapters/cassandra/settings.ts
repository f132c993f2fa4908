import { types } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { ConnectionConfig } from "../../ports/connection.ts";

export interface CassandraSettings {
  /** `host:port`, at least one. */
  readonly contactPoints: readonly string[];
  readonly localDataCenter: string;
  /** Where tables named without a keyspace are; null: every table must be named with its keyspace. */
  readonly keyspace: string | null;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly consistency: types.consistencies;
  readonly requestTimeoutMs: number;
  /** Requests that one sink has under way at the same time. */
  readonly concurrency: number;
  /** Rows of one partition that travel together where the statement has no BATCH. */
  readonly batchRows: number;
  /** Replication options of the keyspaces that AUTOCREATE makes; null: see `replicationOf`. */
  readonly replication: Readonly<Record<string, string>> | null;
}

const KNOWN = new Set([
  "contactPoints",
  "localDataCenter",
  "keyspace",
  "username",
  "password",
  "consistency",
  "requestTimeoutMs",
  "concurrency",
  "batchRows",
  "replication",
]);

/** What a row written with may be read again; `ANY` and the serial levels do not promise that. */
const CONSISTENCIES: Readonly<Record<string, types.consistencies>> = {
  ONE: types.consistencies.one,
  TWO: types.consistencies.two,
  THREE: types.consistencies.three,
  QUORUM: types.consistencies.quorum,
  ALL: types.consistencies.all,
  LOCAL_QUORUM: types.consistencies.localQuorum,
  EACH_QUORUM: types.consistencies.eachQuorum,
  LOCAL_ONE: types.consistencies.localOne,
};

const DEFAULT_PORT = 9042;

/** Checks the settings of a connection; CONFIG_INVALID names the key that is missing, unknown or has an illegal value. */
export function readSettings(config: ConnectionConfig): CassandraSettings {
  for (const key of Object.keys(config.settings)) {
    if (!KNOWN.has(key)) throw invalid(config, key, `is unknown; known are ${[...KNOWN].join(", ")}`);
  }
  const localDataCenter = optionalText(config, "localDataCenter");
  if (localDataCenter === null) {
    const problem = "is missing: the data centre whose nodes are used";
    const hint = "ask any node: nodetool status, or SELECT data_center FROM system.local; a fresh single node says datacenter1";
    throw invalid(config, "localDataCenter", problem, hint);
  }
  return {
    contactPoints: contactPoints(config),
    localDataCenter,
    keyspace: optionalText(config, "keyspace"),
    credentials: credentials(config),
    consistency: consistency(config),
    requestTimeoutMs: wholeNumber(config, "requestTimeoutMs", 10_000, 600_000),
    concurrency: wholeNumber(config, "concurrency", 32, 1024),
    batchRows: wholeNumber(config, "batchRows", 30, 1000),
    replication: replication(config),
  };
}

function contactPoints(config: ConnectionConfig): readonly string[] {
  const given = config.settings.contactPoints;
  if (given === undefined || given === null) throw invalid(config, "contactPoints", "is missing: addresses such as 10.0.0.1:9042");
  const list: unknown = typeof given === "string" ? given.split(",").map((text) => text.trim()) : given;
  if (!Array.isArray(list) || list.length === 0) throw invalid(config, "contactPoints", "must be an address or a list of addresses");
  return list.map((text: unknown) => contactPoint(config, text));
}

/** `host`, `host:port`, an IPv4 address, or an IPv6 address, which needs brackets to have a port. */
function contactPoint(config: ConnectionConfig, given: unknown): string {
  const match = typeof given === "string" ? /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(given) : null;
  const port = Number(match?.[2] ?? DEFAULT_PORT);
  if (match === null || port < 1 || port > 65_535) {
    throw invalid(config, "contactPoints", `must have addresses such as 10.0.0.1:9042, not ${JSON.stringify(given)}`);
  }
  return `${match[1]}:${port}`;
}

function credentials(config: ConnectionConfig): CassandraSettings["credentials"] {
  const username = optionalText(config, "username");
  const password = optionalText(config, "password");
  if (username === null && password === null) return null;
  if (username === null) throw invalid(config, "username", "is missing: password is given without it");
  if (password === null) throw invalid(config, "password", "is missing: username is given without it");
  return { username, password };
}

function consistency(config: ConnectionConfig): types.consistencies {
  const name = (optionalText(config, "consistency") ?? "LOCAL_QUORUM").toUpperCase();
  const level = Object.hasOwn(CONSISTENCIES, name) ? CONSISTENCIES[name] : undefined;
  if (level === undefined) throw invalid(config, "consistency", `must be one of ${Object.keys(CONSISTENCIES).join(", ")}`);
  return level;
}

function replication(config: ConnectionConfig): Readonly<Record<string, string>> | null {
  const given = config.settings.replication;
  if (given === undefined || given === null) return null;
  const example = "such as { class: NetworkTopologyStrategy, dc1: 3 }";
  if (typeof given !== "object" || Array.isArray(given)) throw invalid(config, "replication", `must be a map of options, ${example}`);
  const options: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "string" && typeof value !== "number") {
      throw invalid(config, `replication.${name}`, `must be a text or a number, ${example}`);
    }
    options[name] = String(value);
  }
  if (!Object.hasOwn(options, "class")) throw invalid(config, "replication", `lacks its class, ${example}`);
  return options;
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

function invalid(config: ConnectionConfig, key: string, problem: string, hint?: string): SluiceError {
  return new SluiceError("CONFIG_INVALID", `connections.${config.name}.${key} ${problem}`, hint === undefined ? {} : { hint });
}
