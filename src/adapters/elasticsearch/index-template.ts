import type { RouteTarget } from "../../ports/sink.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { indexPattern } from "./index-name.ts";
import { propertiesOf } from "./mapping.ts";
import { isRecord } from "./server-error.ts";

/** How long a deleted document's version is remembered: a write that was held up for so long must still meet it (`runtime.md` §10). */
export const GC_DELETES = "1h";
export const GC_DELETES_MS = 3_600_000;

/** Above the priorities of the templates that Elasticsearch brings (100 to 200). */
const PRIORITY_BASE = 300;

const MANAGED = { managed_by: "sluice" };

/** Whether Sluice made an index, by its mapping, or a template. */
export function isManaged(described: unknown): boolean {
  return isRecord(described) && isRecord(described._meta) && described._meta.managed_by === MANAGED.managed_by;
}

/** What says so, with more beside it. */
export function managedMeta(more: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...MANAGED, ...more };
}

export function templateName(target: RouteTarget): string {
  return `sluice-${target.name}`;
}

/** Settings and mappings of an index. */
export function indexBody(
  { columns, options }: Pick<RouteTarget, "columns" | "options">,
  earlier: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const time = options.dataStream ? { "@timestamp": { type: "date" } } : {};
  return {
    settings: { "index.gc_deletes": GC_DELETES },
    mappings: { _meta: MANAGED, properties: { ...earlier, ...propertiesOf(columns), ...time } },
  };
}

/**
 * Puts the template of a target, unless templates that are not ours cover its indexes: ours would come before them and take
 * their settings away. Gives the name of such a template, or null.
 */
export async function ensureTemplate(client: ElasticClient, target: RouteTarget): Promise<string | null> {
  const path = `/_index_template/${encodeURIComponent(templateName(target))}`;
  const templates = await readTemplates(client);
  const own = templates.get(templateName(target));
  if (own !== undefined && !isManaged(own)) return templateName(target);
  const body = templateBody(target, own === undefined ? {} : earlierProperties(await client.call({ method: "GET", path })));
  const simulate = path.replace("/_index_template/", "/_index_template/_simulate/");
  const outcome = await client.call({ method: "POST", path: simulate, body });
  const overlapping = isRecord(outcome) && Array.isArray(outcome.overlapping) ? outcome.overlapping : [];
  const names = overlapping.map((template: unknown) => (isRecord(template) ? String(template.name) : ""));
  const foreign = names.find((name) => !isManaged(templates.get(name)));
  if (foreign !== undefined) return foreign;
  await client.call({ method: "PUT", path, body });
  return null;
}

/** Deletes the template that was put for a target; what somebody else has put under its name stays. */
export async function forgetTemplate(client: ElasticClient, target: RouteTarget): Promise<void> {
  const name = templateName(target);
  if (!isManaged((await readTemplates(client)).get(name))) return;
  const request = { method: "DELETE", path: `/_index_template/${encodeURIComponent(name)}` } as const;
  const answer = await client.request(request);
  if (answer.status !== 200 && answer.status !== 404) throw client.refused(request, answer);
}

/** Name, `_meta` and patterns of the index templates; those of the older kind (`_template`) are not among them. */
export async function readTemplates(client: ElasticClient): Promise<ReadonlyMap<string, unknown>> {
  const parts = ["name", "index_template._meta", "index_template.index_patterns", "index_template.data_stream"].map(
    (part) => `index_templates.${part}`,
  );
  return templatesOf(await client.call({ method: "GET", path: "/_index_template", query: { filter_path: parts.join(",") } }));
}

function templatesOf(answer: unknown): ReadonlyMap<string, unknown> {
  const listed = isRecord(answer) && Array.isArray(answer.index_templates) ? answer.index_templates : [];
  return new Map(listed.filter(isRecord).map((entry) => [String(entry.name), entry.index_template]));
}

function templateBody(target: RouteTarget, earlier: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const pattern = indexPattern(target.name, target.suffix);
  // Of two patterns that fit one name the longer one must decide, and a whole name before all.
  const literals = pattern.replaceAll("*", "").length;
  return {
    index_patterns: [pattern],
    priority: PRIORITY_BASE + 2 * literals + (target.suffix === null ? 1 : 0),
    // Whoever writes AUTOCREATE or a dated suffix wants indexes made, whatever the cluster's rule is.
    ...(target.autocreate || target.suffix !== null ? { allow_auto_create: true } : {}),
    ...(target.options.dataStream ? { data_stream: {} } : {}),
    _meta: MANAGED,
    template: indexBody(target, earlier),
  };
}

/** Columns that another statement with the same target brought. */
function earlierProperties(answer: unknown): Readonly<Record<string, unknown>> {
  for (const described of templatesOf(answer).values()) {
    const template = isRecord(described) && isRecord(described.template) ? described.template : {};
    if (isRecord(template.mappings) && isRecord(template.mappings.properties)) return template.mappings.properties;
  }
  return {};
}
