import { SluiceError } from "../../errors.ts";
import { isDatedNameOf } from "../../model/date-pattern.ts";
import type { ElasticClient } from "./elastic-client.ts";
import { isRecord } from "./server-error.ts";

/** Open and closed indexes that a pattern fits, sorted; without the server's own, whose names begin with a dot. */
export async function listIndexes(client: ElasticClient, pattern: string): Promise<readonly string[]> {
  return (await resolve(client, pattern)).indexes;
}

/**
 * The indexes that `name` means to a reader: the index, alias or data stream of that name; else the dated indexes of the
 * target `name`; all open ones that fit where `name` has a `*`. TARGET_MISSING where there are none.
 */
export async function indexesToRead(client: ElasticClient, name: string): Promise<readonly string[]> {
  const wildcard = name.includes("*");
  if (!wildcard && (await resolve(client, name)).exists) return [name];
  const found = await resolve(client, wildcard ? name : `${name}*`, "open");
  const indexes = wildcard ? found.indexes : found.indexes.filter((index) => isDatedNameOf(index, name));
  if (indexes.length > 0) return indexes;
  throw new SluiceError("TARGET_MISSING", `there is no index "${name}"${wildcard ? "" : ", nor dated indexes of that name"}`, {
    hint: "`SHOW TABLES` lists what there is; a pattern such as `name*` reads several indexes.",
  });
}

interface Resolved {
  readonly exists: boolean;
  readonly indexes: readonly string[];
}

async function resolve(client: ElasticClient, name: string, expand = "open,closed"): Promise<Resolved> {
  const path = `/_resolve/index/${encodeURIComponent(name)}`;
  const request = { method: "GET", path, query: { expand_wildcards: expand } } as const;
  const answer = await client.request(request);
  if (answer.status === 404) return { exists: false, indexes: [] };
  if (answer.status !== 200 || !isRecord(answer.body)) throw client.refused(request, answer);
  const names = (kind: string): readonly string[] => {
    const listed = isRecord(answer.body) ? answer.body[kind] : undefined;
    return Array.isArray(listed) ? listed.filter(isRecord).map((entry) => String(entry.name)) : [];
  };
  const indexes = names("indices").filter((index) => !index.startsWith("."));
  const exists = indexes.length + names("aliases").length + names("data_streams").length > 0;
  return { exists, indexes: indexes.sort() };
}
