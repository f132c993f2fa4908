import type { ConnectionOptions as TlsOptions } from "node:tls";
import { types } from "cassandra-driver";
import type { ConnectionConfig } from "../../ports/connection.ts";
import {
  invalidSetting,
  loginSetting,
  refuseUnknownSettings,
  textSetting,
  tlsSetting,
  wholeNumberSetting,
} from "../connection-settings.ts";

export interface CassandraSettings {
  /** `host:port`, at least one. */
  readonly contactPoints: readonly string[];
  readonly localDataCenter: string;
  /** Where tables named without a keyspace are; null: every table must be named with its keyspace. */
  readonly keyspace: string | null;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** Options of Node's `tls.connect`; null: no TLS. */
  readonly tls: TlsOptions | null;
  readonly consistency: types.consistencies;
  readonly requestTimeoutMs: number;
  /** Requests that one sink has under way at the same time. */
  readonly concurrency: number;
  /** Rows of one partition that travel together where the statement has no BATCH. */
  readonly batchRows: number;
  /** Replication options of the keyspaces that AUTOCREATE makes; null: see `replicationOf`. */
  readonly replication: Readonly<Record<string, string>> | null;
}

const KNOWN = [
  "contactPoints",
  "localDataCenter",
  "keyspace",
  "username",
  "password",
  "tls",
  "consistency",
  "requestTimeoutMs",
  "concurrency",
  "batchRows",
  "replication",
];

/** What a row written with may be read again; `ANY` and the serial levels do not promise that. */
export const CONSISTENCIES: Readonly<Record<string, types.consistencies>> = {
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
  refuseUnknownSettings(config, KNOWN);
  const localDataCenter = textSetting(config, "localDataCenter");
  if (localDataCenter === null) {
    const problem = "is missing: the data centre whose nodes are used";
    const hint = "ask any node: nodetool status, or SELECT data_center FROM system.local; a fresh single node says datacenter1";
    throw invalidSetting(config, "localDataCenter", problem, hint);
  }
  return {
    contactPoints: contactPoints(config),
    localDataCenter,
    keyspace: textSetting(config, "keyspace"),
    credentials: loginSetting(config),
    tls: tlsSetting(config),
    consistency: consistency(config),
    requestTimeoutMs: wholeNumberSetting(config, "requestTimeoutMs", 600_000) ?? 10_000,
    concurrency: wholeNumberSetting(config, "concurrency", 1024) ?? 32,
    batchRows: wholeNumberSetting(config, "batchRows", 1000) ?? 30,
    replication: replication(config),
  };
}

function contactPoints(config: ConnectionConfig): readonly string[] {
  const given = config.settings.contactPoints;
  if (given === undefined || given === null) throw invalidSetting(config, "contactPoints", "is missing: addresses such as 10.0.0.1:9042");
  const list: unknown = typeof given === "string" ? given.split(",").map((text) => text.trim()) : given;
  if (!Array.isArray(list) || list.length === 0) throw invalidSetting(config, "contactPoints", "must be an address or a list of addresses");
  return list.map((text: unknown) => contactPoint(config, text));
}

/** `host`, `host:port`, an IPv4 address, or an IPv6 address, which needs brackets to have a port. */
function contactPoint(config: ConnectionConfig, given: unknown): string {
  const match = typeof given === "string" ? /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(given) : null;
  const port = Number(match?.[2] ?? DEFAULT_PORT);
  if (match === null || port < 1 || port > 65_535) {
    throw invalidSetting(config, "contactPoints", `must have addresses such as 10.0.0.1:9042, not ${JSON.stringify(given)}`);
  }
  return `${match[1]}:${port}`;
}

function consistency(config: ConnectionConfig): types.consistencies {
  const name = (textSetting(config, "consistency") ?? "LOCAL_QUORUM").toUpperCase();
  const level = Object.hasOwn(CONSISTENCIES, name) ? CONSISTENCIES[name] : undefined;
  if (level === undefined) throw invalidSetting(config, "consistency", `must be one of ${Object.keys(CONSISTENCIES).join(", ")}`);
  return level;
}

function replication(config: ConnectionConfig): Readonly<Record<string, string>> | null {
  const given = config.settings.replication;
  if (given === undefined || given === null) return null;
  const example = "such as { class: NetworkTopologyStrategy, dc1: 3 }";
  if (typeof given !== "object" || Array.isArray(given))
    throw invalidSetting(config, "replication", `must be a map of options, ${example}`);
  const options: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "string" && typeof value !== "number") {
      throw invalidSetting(config, `replication.${name}`, `must be a text or a number, ${example}`);
    }
    options[name] = String(value);
  }
  if (!Object.hasOwn(options, "class")) throw invalidSetting(config, "replication", `lacks its class, ${example}`);
  return options;
}
