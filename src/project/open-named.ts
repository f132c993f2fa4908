import type { Connection, TroubleListener } from "../ports/connection.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import type { Environment } from "../runtime/environment.ts";
import { connectionConfig, withConfigLine } from "./config.ts";
import type { Project } from "./project.ts";

/** A connection of the project by its name; no I/O. Throws CONNECTION_UNKNOWN, and CONFIG_INVALID with the configuration's line. */
export function openNamed(project: Project, environment: Environment, name: string, onTrouble: TroubleListener): Connection {
  const config = connectionConfig(project.config, name, process.env);
  try {
    return environment.openConnection(config, project.dataDirectory, onTrouble);
  } catch (error) {
    throw withConfigLine(asSluiceError(error), project.config);
  }
}
