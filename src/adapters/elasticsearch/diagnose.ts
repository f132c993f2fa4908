import { SluiceError } from "../../errors.ts";
import type { Finding } from "../../ports/connection.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { durationMs } from "./index-settings.ts";
import { GC_DELETES, GC_DELETES_MS, isManaged, readTemplates } from "./index-template.ts";
import { isRecord } from "./server-error.ts";

/** Generations of the server whose REST interface this adapter speaks. */
const SUPPORTED = [8, 9];

/** The server's version, such as `8.19.2`. CONNECTION_FAILED where it does not answer or is too old or too new. */
export async function checkVersion(client: ElasticClient): Promise<string> {
  const answer = await client.call({ method: "GET", path: "/" });
  const version = isRecord(answer) && isRecord(answer.version) ? String(answer.version.number) : "";
  if (SUPPORTED.includes(Number.parseInt(version, 10))) return version;
  throw new SluiceError("CONNECTION_FAILED", `Elasticsearch at ${client.nodes} has the version ${version || "unknown"}`, {
    hint: `Versions ${SUPPORTED.join(" and ")} are supported.`,
  });
}

/** What `sluice doctor` says of the connection. Writes nothing. Never rejects. */
export async function diagnose(client: ElasticClient): Promise<readonly Finding[]> {
  const reachable = await finding("server", async () => good("server", `${client.nodes}, version ${await checkVersion(client)}`));
  if (reachable.some((found) => !found.ok)) return reachable;
  const checks = [
    finding("cluster health", () => health(client)),
    finding("cluster blocks", () => clusterBlocks(client)),
    finding("index templates", () => indexTemplates(client)),
    finding("indexes of Sluice", () => managedIndexes(client)),
  ];
  return [...reachable, ...(await Promise.all(checks)).flat()];
}

async function finding(check: string, run: () => Promise<Finding | readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return [await run()].flat();
  } catch (error) {
    const advice = error instanceof SluiceError ? error.hint : null;
    return [bad(check, error instanceof Error ? error.message : String(error), advice ?? "See the server's log.")];
  }
}

async function health(client: ElasticClient): Promise<Finding> {
  const answer = await client.call({ method: "GET", path: "/_cluster/health" });
  const status = isRecord(answer) ? String(answer.status) : "unknown";
  // Yellow: replicas are missing, writes go through.
  if (status === "green" || status === "yellow") return good("cluster health", status);
  return bad(
    "cluster health",
    status,
    "Some primary shards are not there: writes to their indexes wait. See GET _cluster/allocation/explain.",
  );
}

async function clusterBlocks(client: ElasticClient): Promise<Finding> {
  const query = { flat_settings: true, filter_path: "persistent.cluster*,transient.cluster*" };
  const answer = await client.call({ method: "GET", path: "/_cluster/settings", query });
  const scopes = isRecord(answer) ? Object.values(answer).filter(isRecord) : [];
  const blocks = scopes.flatMap((scope) => Object.keys(scope).filter((key) => key.startsWith("cluster.blocks.") && scope[key] === "true"));
  if (blocks.length === 0) return good("cluster blocks", "none");
  return bad("cluster blocks", blocks.join(", "), "The whole cluster is read-only: remove these settings with PUT _cluster/settings.");
}

async function indexTemplates(client: ElasticClient): Promise<Finding> {
  const templates = await readTemplates(client);
  const own = [...templates].filter(([, template]) => isManaged(template)).map(([name]) => name);
  return good("index templates", own.length === 0 ? "none of Sluice yet" : own.join(", "));
}

/** One finding for every open index of ours that is not as it must be; one for all that are. */
async function managedIndexes(client: ElasticClient): Promise<readonly Finding[]> {
  const mappings = await client.call({ method: "GET", path: "/*/_mapping", query: { filter_path: "*.mappings._meta" } });
  const managed = isRecord(mappings) ? Object.keys(mappings).filter((index) => isManagedIndex(mappings[index])) : [];
  if (managed.length === 0) return [good("indexes of Sluice", "none yet")];
  const parts = ["gc_deletes", "blocks*", "translog*"].map((part) => `*.settings.index.${part}`);
  const query = { filter_path: parts.join(",") };
  const answer = await client.call({ method: "GET", path: "/*/_settings", query });
  const findings = managed.flatMap((index) => indexFindings(index, indexSettings(isRecord(answer) ? answer[index] : undefined)));
  return findings.length > 0 ? findings : [good("indexes of Sluice", `${managed.length}, all as they must be`)];
}

function isManagedIndex(described: unknown): boolean {
  return isRecord(described) && isManaged(described.mappings);
}

function indexSettings(described: unknown): Readonly<Record<string, unknown>> {
  const settings = isRecord(described) && isRecord(described.settings) ? described.settings : {};
  return isRecord(settings.index) ? settings.index : {};
}

function indexFindings(index: string, settings: Readonly<Record<string, unknown>>): readonly Finding[] {
  const findings: Finding[] = [];
  if (durationMs(settings.gc_deletes) < GC_DELETES_MS) {
    const detail = `gc_deletes is ${settings.gc_deletes ?? "60s"}: a late write can bring a deleted document back`;
    findings.push(bad(`index ${index}`, detail, `PUT ${index}/_settings {"index.gc_deletes": "${GC_DELETES}"}`));
  }
  const blocks = isRecord(settings.blocks) ? settings.blocks : {};
  const set = Object.keys(blocks).filter((key) => blocks[key] === "true");
  if (set.length > 0) {
    const advice = set.includes("read_only_allow_delete")
      ? "The disk was too full: free some; the block goes away by itself."
      : `PUT ${index}/_settings with index.blocks.${set[0]} null, unless the index is retired.`;
    findings.push(bad(`index ${index}`, `is blocked: ${set.join(", ")}`, advice));
  }
  const translog = isRecord(settings.translog) ? settings.translog : {};
  if (translog.durability === "async") {
    const detail = "translog.durability is async: a crash of the server loses acknowledged documents";
    findings.push(bad(`index ${index}`, detail, `PUT ${index}/_settings {"index.translog.durability": "request"}`));
  }
  return findings;
}

function good(check: string, detail: string): Finding {
  return { check, ok: true, detail, advice: null };
}

function bad(check: string, detail: string, advice: string): Finding {
  return { check, ok: false, detail, advice };
}
