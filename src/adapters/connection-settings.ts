import type { ConnectionOptions as TlsOptions } from "node:tls";
import { SluiceError } from "../errors.ts";
import type { ConnectionConfig } from "../ports/connection.ts";

/** What is wrong with a setting; the configuration's reader puts file and line before it. */
export function invalidSetting(config: ConnectionConfig, key: string, problem: string, hint?: string): SluiceError {
  return new SluiceError("CONFIG_INVALID", `connections.${config.name}.${key} ${problem}`, hint === undefined ? {} : { hint });
}

export function refuseUnknownSettings(config: ConnectionConfig, known: readonly string[]): void {
  for (const key of Object.keys(config.settings)) {
    if (!known.includes(key)) throw invalidSetting(config, key, `is unknown; known are ${known.join(", ")}`);
  }
}

export function textSetting(config: ConnectionConfig, key: string): string | null {
  const given = config.settings[key];
  if (given === undefined || given === null) return null;
  if (typeof given !== "string" || given === "") throw invalidSetting(config, key, "must be a text that is not empty");
  return given;
}

/** A number from 1, or digits: what comes out of `${ENV}` is text. */
export function wholeNumberSetting(config: ConnectionConfig, key: string, max: number): number | null {
  const given = config.settings[key];
  if (given === undefined || given === null) return null;
  const value = typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > max) {
    throw invalidSetting(config, key, `must be a whole number from 1 to ${max}`);
  }
  return value;
}

/** `username` and `password`: both or none. */
export function loginSetting(config: ConnectionConfig): { readonly username: string; readonly password: string } | null {
  const username = textSetting(config, "username");
  const password = textSetting(config, "password");
  if (username === null && password === null) return null;
  if (username === null) throw invalidSetting(config, "username", "is missing: password is given without it");
  if (password === null) throw invalidSetting(config, "password", "is missing: username is given without it");
  return { username, password };
}

/** `tls`: true, or options of Node's `tls.connect`; null: no TLS. */
export function tlsSetting(config: ConnectionConfig): TlsOptions | null {
  const given = config.settings.tls;
  if (given === undefined || given === null || given === false) return null;
  if (given === true) return {};
  if (typeof given !== "object" || Array.isArray(given))
    throw invalidSetting(config, "tls", "must be true or options such as {ca, cert, key}");
  return given;
}
