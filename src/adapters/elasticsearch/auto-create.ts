import { SluiceError } from "../../errors.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { isRecord } from "./server-error.ts";

/** Of a target that is not there. Rejects with TARGET_MISSING where neither the statement nor the cluster lets it appear. */
export async function refuseMissing(client: ElasticClient, { name, autocreate, options }: RouteTarget): Promise<void> {
  if (autocreate || (await mayAppear(client, name))) return;
  const kind = options.dataStream ? "data stream" : "index";
  const message = `${kind} "${name}" does not exist, and the cluster does not create indexes by itself`;
  throw new SluiceError("TARGET_MISSING", message, {
    hint: `Add AUTOCREATE to the statement, create the ${kind}, or allow "${name}" in action.auto_create_index.`,
  });
}

/** Whether the cluster lets a write create the index: `true`, `false`, or patterns of which the first that fits decides. */
export async function mayAppear(client: ElasticClient, name: string): Promise<boolean> {
  const query = { include_defaults: true, flat_settings: true, filter_path: "*.action*auto_create_index" };
  const answer = await client.call({ method: "GET", path: "/_cluster/settings", query });
  const scopes = isRecord(answer) ? [answer.transient, answer.persistent, answer.defaults] : [];
  const rule = scopes
    .map((scope) => (isRecord(scope) ? scope["action.auto_create_index"] : undefined))
    .find((found) => found !== undefined);
  return allowsAutoCreate(String(rule ?? "true"), name);
}

export function allowsAutoCreate(rule: string, name: string): boolean {
  if (rule === "true" || rule === "false") return rule === "true";
  for (const entry of rule.split(",").map((text) => text.trim())) {
    const pattern = entry.replace(/^[+-]/, "");
    const parts = pattern.split("*").map((part) => part.replace(/[^\w]/g, "\\$&"));
    if (new RegExp(`^${parts.join(".*")}$`).test(name)) return !entry.startsWith("-");
  }
  return false;
}
