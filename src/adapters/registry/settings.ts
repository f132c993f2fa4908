import type { ConnectionConfig } from "../../ports/connection.ts";
import { invalidSetting } from "../connection-settings.ts";

export interface RegistrySettings {
  /** Where its REST interface begins, without a slash at the end. */
  readonly url: string;
  /** The header Authorization; null: none is sent. */
  readonly authorization: string | null;
  readonly requestTimeoutMs: number;
}

/** The setting of a connection that names its schema registry. */
export const REGISTRY_SETTING = "schema.registry";

const KNOWN = ["url", "username", "password", "token", "requestTimeoutMs"];
const REQUEST_TIMEOUT_MS = 5_000;

/** A URL, or `{url, username, password}`, `{url, token}`; null: there is none. CONFIG_INVALID names the key. */
export function readRegistrySettings(config: ConnectionConfig): RegistrySettings | null {
  const given = config.settings[REGISTRY_SETTING];
  if (given === undefined || given === null) return null;
  const written = typeof given === "string" ? { url: given } : given;
  if (typeof written !== "object" || Array.isArray(written)) {
    throw invalidSetting(config, REGISTRY_SETTING, "must be a URL, or a map with url, username and password or token");
  }
  const settings = written as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(settings).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw invalidSetting(config, `${REGISTRY_SETTING}.${unknown}`, `is unknown; known are ${KNOWN.join(", ")}`);
  return {
    url: urlOf(config, settings["url"]),
    authorization: authorizationOf(config, settings),
    requestTimeoutMs: timeoutOf(config, settings),
  };
}

function urlOf(config: ConnectionConfig, given: unknown): string {
  const url = typeof given === "string" ? URL.parse(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalidSetting(config, REGISTRY_SETTING, "needs a url such as http://localhost:8081");
  }
  // Addresses stand in messages.
  if (url.username !== "" || url.password !== "") {
    throw invalidSetting(config, REGISTRY_SETTING, "has a login in its url", "write {url: …, username: …, password: …}");
  }
  return url.href.replace(/\/+$/, "");
}

function authorizationOf(config: ConnectionConfig, settings: Readonly<Record<string, unknown>>): string | null {
  const text = (key: string): string | null => {
    const value = settings[key];
    if (value === undefined || value === null) return null;
    if (typeof value === "string" && value !== "") return value;
    throw invalidSetting(config, `${REGISTRY_SETTING}.${key}`, "must be a text that is not empty");
  };
  const [username, password, token] = [text("username"), text("password"), text("token")];
  if (token !== null) {
    if (username === null && password === null) return `Bearer ${token}`;
    throw invalidSetting(config, `${REGISTRY_SETTING}.token`, "stands beside username or password: one way to log in is enough");
  }
  if (username === null && password === null) return null;
  if (username === null || password === null) {
    throw invalidSetting(config, REGISTRY_SETTING, "needs both username and password, or none of them");
  }
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function timeoutOf(config: ConnectionConfig, { requestTimeoutMs }: Readonly<Record<string, unknown>>): number {
  if (requestTimeoutMs === undefined || requestTimeoutMs === null) return REQUEST_TIMEOUT_MS;
  const value = Number(requestTimeoutMs);
  if (Number.isInteger(value) && value >= 1 && value <= 600_000) return value;
  throw invalidSetting(config, `${REGISTRY_SETTING}.requestTimeoutMs`, "must be a whole number from 1 to 600000");
}
