import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { ConnectionConfig } from "../../ports/connection.ts";
import { CODEC_NAMES, type CodecName } from "../codecs/record-batch-format.ts";
import { invalidSetting, refuseUnknownSettings, textSetting, tlsSetting, wholeNumberSetting } from "../connection-settings.ts";
import { REGISTRY_SETTING, type RegistrySettings, readRegistrySettings } from "../registry/settings.ts";
import type { BrokerAddress } from "./protocol/broker-connection.ts";

const DEFAULT_PORT = 9092;

/** `host`, `host:port` or `[ipv6]:port`. */
const ADDRESS = /^(?:\[([^[\]\s]+)\]|([^[\]:\s]+))(?::(\d{1,5}))?$/;

const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

export interface KafkaSettings {
  /** The brokers that are asked first; the others come from their metadata. */
  readonly brokers: readonly BrokerAddress[];
  readonly client: "platformatic" | "kafkajs";
  readonly clientId: string;
  readonly requestTimeoutMs: number;
  /** Replicas of topics that Sluice creates; null: the broker's default. */
  readonly replication: number | null;
  /** Of what is written. */
  readonly compression: CodecName;
  /** After so long without a heartbeat a member's partitions go to others. */
  readonly sessionTimeoutMs: number;
  /** How long a member may take to give up its partitions when the group changes. */
  readonly rebalanceTimeoutMs: number;
  /** Options of Node's `tls.connect`; null: no TLS. */
  readonly tls: TlsOptions | null;
  readonly sasl: { readonly mechanism: (typeof MECHANISMS)[number]; readonly username: string; readonly password: string } | null;
  /** null: none is asked. */
  readonly registry: RegistrySettings | null;
}

const KNOWN = [
  "brokers",
  "client",
  "clientId",
  "requestTimeoutMs",
  "replication",
  "compression",
  "sessionTimeoutMs",
  "rebalanceTimeoutMs",
  "tls",
  "sasl",
  REGISTRY_SETTING,
];

/** Checks the settings of a connection; CONFIG_INVALID names the key that is unknown or has an illegal value. */
export function readSettings(config: ConnectionConfig): KafkaSettings {
  refuseUnknownSettings(config, KNOWN);
  const client = textSetting(config, "client") ?? "platformatic";
  if (client !== "platformatic" && client !== "kafkajs") throw invalidSetting(config, "client", "must be platformatic or kafkajs");
  return {
    brokers: brokers(config),
    client,
    clientId: textSetting(config, "clientId") ?? "sluice",
    requestTimeoutMs: wholeNumberSetting(config, "requestTimeoutMs", 600_000) ?? 30_000,
    replication: wholeNumberSetting(config, "replication", 32_767),
    compression: compression(config),
    sessionTimeoutMs: wholeNumberSetting(config, "sessionTimeoutMs", 1_800_000) ?? 10_000,
    rebalanceTimeoutMs: wholeNumberSetting(config, "rebalanceTimeoutMs", 3_600_000) ?? 60_000,
    tls: tlsSetting(config),
    sasl: sasl(config),
    registry: readRegistrySettings(config),
  };
}

function brokers(config: ConnectionConfig): readonly BrokerAddress[] {
  const given = config.settings["brokers"];
  if (given === undefined || given === null) throw invalidSetting(config, "brokers", "is missing: addresses such as localhost:9092");
  const list = typeof given === "string" ? given.split(",") : given;
  if (!Array.isArray(list) || list.length === 0)
    throw invalidSetting(config, "brokers", "must be a list of addresses such as localhost:9092");
  return list.map((entry: unknown) => {
    const [, inBrackets, plain, portText] = (typeof entry === "string" && ADDRESS.exec(entry.trim())) || [];
    const host = inBrackets ?? plain;
    const port = portText === undefined ? DEFAULT_PORT : Number(portText);
    if (host === undefined || port < 1 || port > 65_535) {
      throw invalidSetting(config, "brokers", `has ${JSON.stringify(entry)}, which is no address such as localhost:9092`);
    }
    return { host, port };
  });
}

function compression(config: ConnectionConfig): CodecName {
  const given = textSetting(config, "compression") ?? "none";
  const codec = CODEC_NAMES.find((name) => name === given);
  if (codec === undefined) throw invalidSetting(config, "compression", `must be one of ${CODEC_NAMES.join(", ")}`);
  return codec;
}

function sasl(config: ConnectionConfig): KafkaSettings["sasl"] {
  const given = config.settings["sasl"];
  if (given === undefined || given === null) return null;
  if (!isObject(given)) throw invalidSetting(config, "sasl", "must be {mechanism, username, password}");
  const { mechanism: named, username, password, ...others } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalidSetting(config, `sasl.${unknown}`, "is unknown; known are mechanism, username, password");
  const mechanism = MECHANISMS.find((known) => known === String(named).toUpperCase());
  if (mechanism === undefined) throw invalidSetting(config, "sasl.mechanism", `must be one of ${MECHANISMS.join(", ")}`);
  if (typeof username !== "string" || username === "") throw invalidSetting(config, "sasl.username", "must be a text that is not empty");
  if (typeof password !== "string" || password === "") throw invalidSetting(config, "sasl.password", "must be a text that is not empty");
  return { mechanism, username, password };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
