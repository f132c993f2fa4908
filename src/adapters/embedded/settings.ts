import { SluiceError } from "../../errors.ts";
import type { ConnectionConfig } from "../../ports/connection.ts";

const DEFAULT_FILE = "sluice.db";

export interface EmbeddedSettings {
  /** Relative to the data directory, or absolute; `:memory:NAME` is no file, and seen by one thread alone. */
  readonly file: string;
}

/** Checks the settings of a connection; CONFIG_INVALID names the key that is unknown or has an illegal value. */
export function readSettings(config: ConnectionConfig): EmbeddedSettings {
  const { file = DEFAULT_FILE, ...others } = config.settings;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new SluiceError("CONFIG_INVALID", `connections.${config.name}.${unknown}: an embedded connection has no such setting, only file`);
  }
  if (typeof file !== "string" || file === "") {
    throw new SluiceError("CONFIG_INVALID", `connections.${config.name}.file: the name of a file is wanted`);
  }
  return { file };
}
