import type { TargetFinding } from "../../ports/connection.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { mayAppear } from "./auto-create.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { indexNameProblem, sampleIndexName } from "./index-name.ts";
import { isManaged } from "./index-template.ts";
import { mappingConflicts } from "./mapping-conflicts.ts";
import { listIndexes } from "./relations.ts";
import { isRecord } from "./server-error.ts";

/** What to do where a data stream stands in the place of an index. */
export const DATA_STREAM_HINT = "PROPERTIES ('data.stream' = 'true') adds rows to it; changing results belong into an index.";

type Described = Readonly<Record<string, unknown>>;

/** What the index of a route has against it; of one that is not there yet, the templates that its name would meet. */
export async function checkTarget(client: ElasticClient, target: RouteTarget): Promise<readonly TargetFinding[]> {
  const problem = indexNameProblem(sampleIndexName(target.name, target.suffix));
  if (problem !== null) return [finding("error", null, problem)];
  if (target.suffix !== null) return checkTemplates(client, target);
  const existing = await checkExisting(client, target);
  return existing ?? [...(await checkMissing(client, target)), ...(await checkTemplates(client, target))];
}

/** null: there is no such index, alias or data stream. */
async function checkExisting(client: ElasticClient, target: RouteTarget): Promise<readonly TargetFinding[] | null> {
  const request = { method: "GET", path: `/${encodeURIComponent(target.name)}` } as const;
  const answer = await client.request(request);
  if (answer.status === 404) return null;
  if (answer.status !== 200 || !isRecord(answer.body)) throw client.refused(request, answer);
  return Object.entries(answer.body).flatMap(([index, described]) => (isRecord(described) ? ofIndex(target, index, described) : []));
}

function ofIndex(target: RouteTarget, index: string, described: Described): readonly TargetFinding[] {
  const isDataStream = described.data_stream !== undefined;
  if (target.options.dataStream && !isDataStream) return [finding("error", null, `"${target.name}" is an index, and no data stream`)];
  if (isDataStream && !target.options.dataStream) {
    const message = `"${target.name}" is a data stream, which takes no changes of documents that it has`;
    return [finding("error", null, message, DATA_STREAM_HINT)];
  }
  const mapping = isRecord(described.mappings) ? described.mappings : {};
  // What an index of ours lacks is added with its type, before its dynamic templates are asked.
  const known = isManaged(mapping) && isRecord(mapping.properties) ? mapping.properties : null;
  return conflicts(
    { ...target, columns: target.columns.filter(({ name }) => known === null || name in known) },
    `index "${index}"`,
    mapping,
  );
}

async function checkMissing(client: ElasticClient, target: RouteTarget): Promise<readonly TargetFinding[]> {
  const unknown = { name: target.name, among: await listIndexes(client, "*") };
  if (target.autocreate || (await mayAppear(client, target.name))) {
    return [{ ...finding("warning", null, `index "${target.name}" does not exist yet and will be made`), code: "TARGET_MISSING", unknown }];
  }
  const message = `index "${target.name}" does not exist, and the cluster does not create indexes by itself`;
  const hint = `Add AUTOCREATE to the statement, create the index, or allow "${target.name}" in action.auto_create_index.`;
  return [{ ...finding("error", null, message, hint), code: "TARGET_MISSING", unknown }];
}

/** The mapping that somebody else's templates would give to the next index. Ours is put anew when the pipeline starts. */
async function checkTemplates(client: ElasticClient, target: RouteTarget): Promise<readonly TargetFinding[]> {
  const sample = sampleIndexName(target.name, target.suffix);
  const answer = await client.call({ method: "POST", path: `/_index_template/_simulate_index/${encodeURIComponent(sample)}` });
  const template = isRecord(answer) && isRecord(answer.template) ? answer.template : {};
  const mapping = isRecord(template.mappings) ? template.mappings : {};
  return isManaged(mapping) ? [] : conflicts(target, `the index template of "${sample}"`, mapping);
}

function conflicts({ columns }: RouteTarget, where: string, mapping: Described): readonly TargetFinding[] {
  return mappingConflicts(mapping, columns).map(({ column, refused, problem }) =>
    finding(
      refused ? "error" : "warning",
      column,
      `${where}: ${problem}`,
      refused ? "CAST or rename it in the statement, or write to another index" : null,
    ),
  );
}

function finding(severity: TargetFinding["severity"], column: string | null, message: string, hint: string | null = null): TargetFinding {
  return { severity, code: "TARGET_MISMATCH", column, message, hint };
}
