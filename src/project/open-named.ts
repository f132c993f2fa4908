import type { Connection, ConnectionConfig, TroubleListener } from "../ports/connection.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import type { Environment } from "../runtime/environment.ts";
import { connectionConfig, folderOf, withConfigLine } from "./config.ts";
import { checkConnection } from "./open-connection.ts";
import type { Project } from "./project.ts";
import { substitute } from "./substitute.ts";

/** A connection of the project by its name; no I/O. Rejects with CONNECTION_UNKNOWN, and CONFIG_INVALID with the configuration's line. */
export async function openNamed(project: Project, environment: Environment, name: string, onTrouble: TroubleListener): Promise<Connection> {
  const config = connectionConfig(project.config, name, process.env);
  return locating(project, environment.openConnection(config, project.dataDirectory, onTrouble));
}

/** The settings of a connection, found sound; rejects like `openNamed`. */
export async function checkNamed(project: Project, name: string): Promise<ConnectionConfig> {
  const config = connectionConfig(project.config, name, process.env);
  await locating(project, checkConnection(config));
  return config;
}

/** Every connection whose environment variables and files are given here, also those that nothing uses. Rejects like `checkNamed`. */
export async function checkSettings(project: Project): Promise<void> {
  for (const { name, settings } of project.config.connections.values()) {
    const filled = substitute(settings, process.env, folderOf(project.config));
    if (filled.ok || !filled.problem.isMissing) await checkNamed(project, name);
  }
}

async function locating<T>({ config }: Project, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw withConfigLine(asSluiceError(error), config);
  }
}
