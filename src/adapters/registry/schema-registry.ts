import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TopicSchema, TopicSchemas } from "../../ports/schemas.ts";
import { avroColumns } from "./avro-columns.ts";
import { jsonSchemaColumns } from "./json-schema-columns.ts";
import type { RegistrySettings } from "./settings.ts";

/** Beginnings of the media types that registries of this kind answer with. */
const ACCEPT = "application/vnd.schemaregistry.v1+json, application/json";

/** How old an answer may be that is given again. */
const FRESH_MS = 30_000;

/** Schemas that one schema refers to, and they in turn. */
const REFERENCES_MAX = 100;

interface Registered {
  readonly id: number;
  readonly version: number;
  readonly format: TopicSchema["format"];
  readonly text: string;
  readonly references: readonly Reference[];
}

interface Reference {
  /** What the schema calls it. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

type Topic = Awaited<ReturnType<TopicSchemas["of"]>>;

/** A registry with Confluent's REST interface; subjects are called `TOPIC-key` and `TOPIC-value`. */
export class SchemaRegistry implements TopicSchemas {
  private readonly connection: string;
  private readonly settings: RegistrySettings;
  private readonly clock: Clock;
  private readonly topics = new Map<string, { readonly sinceMs: number; readonly answer: Promise<Topic> }>();

  constructor(connection: string, settings: RegistrySettings, clock: Clock) {
    this.connection = connection;
    this.settings = settings;
    this.clock = clock;
  }

  of(topic: string): Promise<Topic> {
    const known = this.topics.get(topic);
    if (known !== undefined && this.clock.monotonic() - known.sinceMs < FRESH_MS) return known.answer;
    const answer = this.read(topic);
    if (this.topics.size >= LIMITS.schemasKeptMax) this.topics.clear();
    this.topics.set(topic, { sinceMs: this.clock.monotonic(), answer });
    answer.catch(() => this.topics.delete(topic));
    return answer;
  }

  private async read(topic: string): Promise<Topic> {
    const [key, value] = await Promise.all([this.schemaOf(`${topic}-key`), this.schemaOf(`${topic}-value`)]);
    return { key, value };
  }

  private async schemaOf(subject: string): Promise<TopicSchema | null> {
    const found = await this.registered(subject, "latest");
    if (found === null) return null;
    const { id, version, format } = found;
    return { subject, id, version, format, columns: await this.columnsOf(found) };
  }

  private async columnsOf(found: Registered): Promise<TopicSchema["columns"]> {
    if (found.format === "protobuf") return null;
    const references = new Map<string, unknown>();
    await this.collect(found.references, references);
    const schema = parsed(found.text);
    return found.format === "json" ? jsonSchemaColumns(schema, references) : avroColumns(schema, [...references.values()]);
  }

  /** What is referred to, by the names used for it; those at the bottom first, as Avro's names must be known before they are used. */
  private async collect(references: readonly Reference[], into: Map<string, unknown>): Promise<void> {
    for (const { name, subject, version } of references) {
      if (into.has(name) || into.size >= REFERENCES_MAX) continue;
      into.set(name, null);
      const found = await this.registered(subject, String(version));
      if (found === null) continue;
      await this.collect(found.references, into);
      into.delete(name);
      into.set(name, parsed(found.text));
    }
  }

  /** null: there is no such subject or version. */
  private async registered(subject: string, version: string): Promise<Registered | null> {
    const body = await this.get(`/subjects/${encodeURIComponent(subject)}/versions/${version}`);
    if (body === null) return null;
    const { id, version: number, schema, schemaType = "AVRO", references } = body;
    const format = FORMATS[String(schemaType)];
    if (format === undefined || typeof schema !== "string") {
      throw this.failure(`answers for ${subject} with a schema of the unknown type ${JSON.stringify(schemaType)}`);
    }
    return { id: Number(id), version: Number(number), format, text: schema, references: Array.isArray(references) ? references : [] };
  }

  private async get(path: string): Promise<Readonly<Record<string, unknown>> | null> {
    const { url, authorization, requestTimeoutMs } = this.settings;
    const headers = { accept: ACCEPT, ...(authorization === null ? {} : { authorization }) };
    const signal = AbortSignal.timeout(requestTimeoutMs);
    const answered = fetch(url + path, { headers, signal }).then(readAnswer);
    const { status, text } = await answered.catch((error: unknown) => {
      const { name, cause } = error instanceof Error ? error : new Error(String(error));
      const reason = name === "TimeoutError" ? `no answer within ${requestTimeoutMs} ms` : reasonOf(cause ?? error);
      throw this.failure(`cannot be reached: ${reason}`);
    });
    if (status === 404) return null;
    if (status === 401 || status === 403) {
      const hint = `see connections.${this.connection}.schema.registry: username and password, or token`;
      throw new SluiceError("CONNECTION_REFUSED_RIGHTS", `the schema registry ${url} refuses access (${status})`, { hint });
    }
    const body = status === 200 && text !== null ? parsed(text) : null;
    if (typeof body === "object" && body !== null) return body as Readonly<Record<string, unknown>>;
    throw this.failure(`answers with status ${status}${text === null ? " and too much" : ""}`);
  }

  private failure(problem: string): SluiceError {
    return new SluiceError("CONNECTION_FAILED", `the schema registry ${this.settings.url} ${problem}`);
  }
}

const FORMATS: Readonly<Record<string, TopicSchema["format"]>> = { AVRO: "avro", JSON: "json", PROTOBUF: "protobuf" };

/** `text` null: longer than a schema may be. */
async function readAnswer(response: Response): Promise<{ readonly status: number; readonly text: string | null }> {
  const { status, body } = response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > LIMITS.schemaBytesMax) return { status, text: null };
    chunks.push(chunk);
  }
  return { status, text: Buffer.concat(chunks).toString() };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || ((error as NodeJS.ErrnoException).code ?? error.name) : String(error);
}

/** null: no JSON, which no schema of a field can be. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
