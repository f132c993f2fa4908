import { SluiceError } from "../../errors.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { refuseMissing } from "./auto-create.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { ensureTemplate, readTemplates } from "./index-template.ts";
import { refuseConflicts } from "./mapping-conflicts.ts";
import { isRecord } from "./server-error.ts";

/**
 * Checks the data stream of a route. One that is missing is made by its first row, from our template, or from that of somebody else
 * who covers its name; then `create` would make a plain index unless that template is one of data streams.
 */
export async function prepareDataStream(client: ElasticClient, target: RouteTarget): Promise<void> {
  const request = { method: "GET", path: `/${encodeURIComponent(target.name)}` } as const;
  const answer = await client.request(request);
  if (answer.status === 200 && isRecord(answer.body)) return checkBacking(target, answer.body);
  if (answer.status !== 404) throw client.refused(request, answer);
  await refuseMissing(client, target);
  const foreign = await ensureTemplate(client, target);
  if (foreign === null) return;
  const template = (await readTemplates(client)).get(foreign);
  if (isRecord(template) && template.data_stream !== undefined) return;
  throw mismatch(
    `index template "${foreign}" covers "${target.name}" and makes no data streams`,
    "give it data_stream: {}, or choose another name",
  );
}

/** Rows go to the last of the indexes behind it. */
function checkBacking(target: RouteTarget, described: Readonly<Record<string, unknown>>): void {
  const [name = "", index] =
    Object.entries(described)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .at(-1) ?? [];
  if (!isRecord(index) || index.data_stream === undefined) {
    throw mismatch(`"${target.name}" is an index, and no data stream`, "leave the property 'data.stream' out, or choose another name");
  }
  if (isRecord(index.mappings)) refuseConflicts(target, `index "${name}" of the data stream "${target.name}"`, index.mappings);
}

function mismatch(message: string, hint: string): SluiceError {
  return new SluiceError("TARGET_MISMATCH", message, { hint });
}
