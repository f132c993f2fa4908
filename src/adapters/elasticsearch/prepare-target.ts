import { SluiceError } from "../../errors.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { refuseMissing } from "./auto-create.ts";
import { DATA_STREAM_HINT } from "./check-target.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { indexNameProblem, sampleIndexName } from "./index-name.ts";
import { durationMs } from "./index-settings.ts";
import { ensureTemplate, GC_DELETES, GC_DELETES_MS, indexBody, isManaged } from "./index-template.ts";
import { propertiesOf } from "./mapping.ts";
import { refuseConflicts } from "./mapping-conflicts.ts";
import { prepareDataStream } from "./prepare-data-stream.ts";
import { errorTypeOf, isRecord, reasonOf } from "./server-error.ts";

/**
 * Checks the index of a route and makes what is missing. What there is to know:
 *
 * - An existing index is used as it is. TARGET_MISMATCH where a column would be refused or cut by its mapping.
 *   An index that Sluice made gets new columns added; somebody else's index is never changed.
 * - A dated target gets an index template, and Elasticsearch makes each index when its first document comes.
 * - An index that a record names is made when it is missing and may appear; a template for each would be too many.
 * - A data stream is made by its first row, from a template (`prepareDataStream`).
 * - A missing index with AUTOCREATE is made at once, with a template beside it for the day it is deleted.
 * - A missing index without AUTOCREATE appears with its first document, as users of KCQL expect, where the cluster's own
 *   rule (`action.auto_create_index`) allows that; else TARGET_MISSING. It gets the template too: what the statement knows
 *   of its columns is better than a guess by the first document (an average of 21 would make the field whole numbers), and
 *   without `index.gc_deletes` a write that comes late would bring deleted documents back.
 */
export async function prepareTarget(client: ElasticClient, target: RouteTarget, onTrouble: (message: string) => void): Promise<void> {
  checkStatement(target);
  await checkPipeline(client, target.options.ingestPipeline);
  if (target.options.dataStream) return prepareDataStream(client, target);
  if (target.suffix === null && (await checkExisting(client, target, onTrouble))) return;
  if (target.suffix === null) await refuseMissing(client, target);
  if (target.options.dynamic) return createIndex(client, target);
  try {
    await prepareIndexes(client, target, onTrouble);
  } catch (error) {
    const wanted = target.autocreate || target.suffix !== null;
    if (wanted || !(error instanceof SluiceError) || error.code !== "CONNECTION_REFUSED_RIGHTS") throw error;
    onTrouble(`no index template may be put for ${target.name}, so its index gets Elasticsearch's defaults: ${error.message}`);
  }
}

async function prepareIndexes(client: ElasticClient, target: RouteTarget, onTrouble: (message: string) => void): Promise<void> {
  const foreign = await ensureTemplate(client, target);
  if (foreign !== null) {
    onTrouble(
      `index template "${foreign}" covers ${target.name}: none is put for it; let it set index.gc_deletes to at least ${GC_DELETES}`,
    );
    await checkForeignTemplate(client, target);
  }
  if (target.suffix === null && target.autocreate) await createIndex(client, target);
}

function checkStatement(target: RouteTarget): void {
  const problem = indexNameProblem(sampleIndexName(target.name, target.suffix));
  if (problem !== null) throw new SluiceError("TARGET_MISMATCH", problem);
  if (target.ttlSeconds !== null) {
    throw new SluiceError("TARGET_MISMATCH", `index "${target.name}" cannot have TTL: Elasticsearch does not expire documents`, {
      hint: "Use WITHINDEXSUFFIX and retire old indexes, or a lifecycle policy.",
    });
  }
}

/** Without it every document would be refused. Who may only write is not allowed to ask. */
async function checkPipeline(client: ElasticClient, pipeline: string | null): Promise<void> {
  if (pipeline === null) return;
  const { status } = await client.request({ method: "GET", path: `/_ingest/pipeline/${encodeURIComponent(pipeline)}` });
  if (status !== 404) return;
  throw new SluiceError("TARGET_MISSING", `there is no ingest pipeline "${pipeline}"`, { hint: "make it, or leave WITHPIPELINE out" });
}

/** Whether the index (or an alias of that name) exists; checks it if so. */
async function checkExisting(client: ElasticClient, target: RouteTarget, onTrouble: (message: string) => void): Promise<boolean> {
  const request = { method: "GET", path: `/${encodeURIComponent(target.name)}`, query: { flat_settings: true } } as const;
  const answer = await client.request(request);
  if (answer.status === 404) return false;
  if (answer.status !== 200 || !isRecord(answer.body)) throw client.refused(request, answer);
  for (const [index, description] of Object.entries(answer.body)) {
    if (isRecord(description)) await checkIndex(client, target, index, description, onTrouble);
  }
  return true;
}

async function checkIndex(
  client: ElasticClient,
  target: RouteTarget,
  index: string,
  description: Readonly<Record<string, unknown>>,
  onTrouble: (message: string) => void,
): Promise<void> {
  if (description.data_stream !== undefined) {
    throw new SluiceError("TARGET_MISMATCH", `"${target.name}" is a data stream, which takes no changes of documents that it has`, {
      hint: DATA_STREAM_HINT,
    });
  }
  const mapping = isRecord(description.mappings) ? description.mappings : {};
  refuseConflicts(target, `index "${index}"`, mapping);
  const settings = isRecord(description.settings) ? description.settings : {};
  const protectedLongEnough = durationMs(settings["index.gc_deletes"]) >= GC_DELETES_MS;
  if (!isManaged(mapping)) {
    if (!protectedLongEnough) onTrouble(`index "${index}" forgets deletes too early: set its index.gc_deletes to at least ${GC_DELETES}`);
    return;
  }
  const path = `/${encodeURIComponent(index)}`;
  const known = isRecord(mapping.properties) ? mapping.properties : {};
  const added = propertiesOf(target.columns.filter((column) => known[column.name] === undefined));
  if (Object.keys(added).length > 0) await client.call({ method: "PUT", path: `${path}/_mapping`, body: { properties: added } });
  if (!protectedLongEnough) await client.call({ method: "PUT", path: `${path}/_settings`, body: { "index.gc_deletes": GC_DELETES } });
}

/** The mapping that somebody else's templates would give to the next index. */
async function checkForeignTemplate(client: ElasticClient, target: RouteTarget): Promise<void> {
  const sample = sampleIndexName(target.name, target.suffix);
  const answer = await client.call({ method: "POST", path: `/_index_template/_simulate_index/${encodeURIComponent(sample)}` });
  const template = isRecord(answer) && isRecord(answer.template) ? answer.template : {};
  if (isRecord(template.mappings)) refuseConflicts(target, `the index template of "${sample}"`, template.mappings);
}

async function createIndex(client: ElasticClient, target: RouteTarget): Promise<void> {
  const request = { method: "PUT", path: `/${encodeURIComponent(target.name)}`, body: indexBody(target) } as const;
  const answer = await client.request(request);
  if (answer.status === 200 || errorTypeOf(answer.body) === "resource_already_exists_exception") return;
  if (answer.status !== 400) throw client.refused(request, answer);
  throw new SluiceError("TARGET_MISMATCH", `index "${target.name}" cannot be created: ${reasonOf(answer.body)}`);
}
