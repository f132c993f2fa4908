import type { Pipeline } from "../server/schemas.ts";
import type { RestClient } from "./rest-client.ts";

export const PIPELINES = "/v1/pipelines";

export function pipelinePath(name: string): string {
  return `${PIPELINES}/${encodeURIComponent(name)}`;
}

interface Page {
  readonly items: readonly Pipeline[];
  readonly next: string | null;
}

/** All pipelines of a server by name, page by page. */
export async function allPipelines(client: RestClient, signal: AbortSignal | null = null): Promise<readonly Pipeline[]> {
  const all: Pipeline[] = [];
  let after: string | null = "";
  while (after !== null) {
    const path: string = `${PIPELINES}?limit=1000&after=${encodeURIComponent(after)}`;
    const { items, next }: Page = (await client.request<Page>("GET", path, undefined, {}, signal)).body;
    all.push(...items);
    after = next;
  }
  return all;
}
