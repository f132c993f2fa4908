import { randomBytes } from "node:crypto";

interface Answer {
  readonly status: number;
  readonly body: Record<string, never>;
}

/** Direct access to the server beside the adapter, with names of its own that are deleted at the end. */
export class Scratch {
  readonly node: string;
  /** Begins every index and template of this test. */
  readonly prefix = `t${randomBytes(5).toString("hex")}`;

  constructor(node: string) {
    this.node = node;
  }

  name(rest: string): string {
    return `${this.prefix}-${rest}`;
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const init = body === undefined ? { method } : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(this.node + path, init);
    return { status: response.status, body: JSON.parse((await response.text()) || "{}") };
  }

  async index(name: string): Promise<Answer["body"] | null> {
    const { status, body } = await this.send("GET", `/${name}?flat_settings=true`);
    return status === 404 ? null : (body[name] ?? null);
  }

  /** Id → document and version, of all documents of the indexes that the pattern fits. At most 10,000. */
  async documents(pattern: string): Promise<Map<string, { index: string; version: number; source: unknown }>> {
    await this.send("POST", `/${pattern}/_refresh`);
    const { body } = await this.send("POST", `/${pattern}/_search`, { size: 10_000, version: true });
    const found = (body as { hits?: { hits: { _index: string; _id: string; _version: number; _source: unknown }[] } }).hits?.hits ?? [];
    return new Map(found.map((hit) => [hit._id, { index: hit._index, version: hit._version, source: hit._source }]));
  }

  async count(pattern: string): Promise<number> {
    await this.send("POST", `/${pattern}/_refresh`);
    const { body } = await this.send("GET", `/${pattern}/_count`);
    return (body as { count?: number }).count ?? -1;
  }

  async clean(): Promise<void> {
    const { body } = await this.send("GET", `/_resolve/index/${this.prefix}*?expand_wildcards=all`);
    const found = body as { indices?: { name: string }[] };
    for (const index of found.indices ?? []) await this.send("DELETE", `/${index.name}`);
    await this.send("DELETE", `/_index_template/${this.prefix}*`);
    await this.send("DELETE", `/_index_template/sluice-${this.prefix}*`);
  }
}
