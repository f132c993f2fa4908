import { FileCatalogLog } from "../adapters/file/file-catalog-log.ts";
import { SluiceError } from "../errors.ts";
import type { CatalogLog } from "../ports/catalog-log.ts";
import type { TroubleListener } from "../ports/connection.ts";
import type { StatusLog } from "../ports/status-log.ts";
import type { Environment } from "../runtime/environment.ts";
import { openNamed } from "./open-named.ts";
import type { Project } from "./project.ts";

/** A catalog that several servers share. */
export interface SharedCatalog {
  /** By name. */
  readonly connection: string;
  readonly topic: string;
}

export const CATALOG_TOPIC = "sluice.catalog";

export interface OpenedLogs {
  readonly catalog: CatalogLog;
  /** What the servers that share the catalog tell each other, until the catalog is closed; null: there are no others. */
  readonly statuses: StatusLog | null;
}

/**
 * Where the pipelines of a server are kept: in its data directory, or, shared with others, in a topic. Rejects with
 * CONNECTION_UNKNOWN and CONFIG_INVALID.
 */
export async function openCatalogLogs(
  project: Project,
  env: Environment,
  shared: SharedCatalog | null,
  onTrouble: TroubleListener,
): Promise<OpenedLogs> {
  if (shared === null) return { catalog: new FileCatalogLog(project.dataDirectory, env.clock), statuses: null };
  const connection = await openNamed(project, env, shared.connection, onTrouble);
  const log = connection.catalogLog?.(shared.topic);
  const statuses = connection.statusLog?.(`${shared.topic}.status`) ?? null;
  if (log !== undefined) return { catalog: closingToo(log, () => connection.close()), statuses };
  const { kind } = connection.config;
  await connection.close();
  const { file, lineOf } = project.config;
  const key = ["server", "catalog"];
  const problem = `'${shared.connection}' is of the kind ${kind}, which cannot keep a catalog`;
  throw new SluiceError("CONFIG_INVALID", `${file}:${lineOf(key)}: ${key.join(".")}: ${problem}`, {
    hint: "name a connection of the kind kafka",
  });
}

function closingToo(log: CatalogLog, close: () => Promise<void>): CatalogLog {
  return {
    open: (listener) => log.open(listener).catch((error: unknown) => close().then(() => Promise.reject(error))),
    append: (change) => log.append(change),
    close: () => log.close().finally(close),
  };
}
