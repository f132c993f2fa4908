import { Client, type ClientOptions, errors, type TransportRequestParams } from "@elastic/elasticsearch";
import { SluiceError } from "../../errors.ts";
import { isRecord, reasonOf } from "./server-error.ts";
import type { ElasticsearchSettings } from "./settings.ts";

export interface ElasticRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: Record<string, unknown>;
  /** Body of a bulk request; instead of `body`. */
  readonly ndjson?: Buffer;
  readonly signal?: AbortSignal;
}

export interface ElasticAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter: string | null;
}

type Asked = (headers: Record<string, string>) => Promise<ElasticAnswer>;

/**
 * One client for servers of the generations 8 and 9. The headers name the generation of the REST interface, and a server
 * of generation 8 refuses a request that asks for 9 (`media_type_header_exception`): then all requests ask for 8 from there on.
 * Nothing is tried again in here otherwise, no node is searched for: what to do about a failure is the runtime's decision.
 */
export class ElasticClient {
  private readonly client: Client;
  private generation: 8 | 9;
  private readonly connection: string;
  private readonly settings: ElasticsearchSettings;

  constructor(connection: string, settings: ElasticsearchSettings) {
    this.connection = connection;
    this.settings = settings;
    this.generation = settings.compatibility ?? 9;
    const options: ClientOptions = {
      nodes: [...settings.nodes],
      requestTimeout: settings.requestTimeoutMs,
      maxRetries: 0,
      sniffOnStart: false,
      sniffOnConnectionFault: false,
      ...(settings.tls === null ? {} : { tls: settings.tls }),
    };
    this.client = new Client(settings.auth === null ? options : { ...options, auth: settings.auth });
  }

  /** Where the servers are, for messages. */
  get nodes(): string {
    return this.settings.nodes.join(", ");
  }

  /**
   * Resolves with whatever the server answers, refusals too.
   * Rejects with CONNECTION_FAILED, CHANGE_UNAVAILABLE (time-out), CONNECTION_REFUSED_RIGHTS (401, 403) or STOPPED (aborted).
   */
  request(request: ElasticRequest): Promise<ElasticAnswer> {
    const { signal } = request;
    return this.ask(request.ndjson !== undefined, async (headers) => {
      const result = await this.client.transport.request(paramsOf(request), { meta: true, headers, ...(signal && { signal }) });
      return answerOf(result.statusCode, result.headers, result.body);
    });
  }

  /** The body of a successful answer. Every other answer rejects, with CONNECTION_FAILED and the server's reason. */
  async call(request: ElasticRequest): Promise<unknown> {
    return this.successful(request, await this.request(request)).body;
  }

  /** As `call`, but gives the body's bytes as they came. */
  async callForBytes(request: ElasticRequest): Promise<Buffer> {
    return this.successful(request, await this.requestForBytes(request)).body as Buffer;
  }

  /** As `request`, but the body of a successful answer is its bytes as they came. */
  requestForBytes(request: ElasticRequest): Promise<ElasticAnswer> {
    const { signal } = request;
    return this.ask(request.ndjson !== undefined, async (headers) => {
      const options = { meta: true, asStream: true, headers, ...(signal && { signal }) } as const;
      const result = await this.client.transport.request<AsyncIterable<Buffer>>(paramsOf(request), options);
      const chunks: Buffer[] = [];
      for await (const chunk of result.body) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      return answerOf(result.statusCode, result.headers, result.statusCode < 300 ? bytes : jsonOf(bytes));
    });
  }

  /** The error for an answer that nobody expected. */
  refused(request: ElasticRequest, answer: ElasticAnswer): SluiceError {
    const what = `${request.method} ${request.path}`;
    return new SluiceError("CONNECTION_FAILED", this.saying(`answers ${what} with ${answer.status}: ${reasonOf(answer.body)}`));
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private successful(request: ElasticRequest, answer: ElasticAnswer): ElasticAnswer {
    if (answer.status >= 300) throw this.refused(request, answer);
    return answer;
  }

  private async ask(ndjson: boolean, asked: Asked): Promise<ElasticAnswer> {
    const generation = this.generation;
    let answer = await this.attempt(asked, mediaTypes(generation, ndjson));
    if (generation === 9 && this.settings.compatibility === null && refusesMediaType(answer)) {
      this.generation = 8;
      answer = await this.attempt(asked, mediaTypes(8, ndjson));
    }
    if (answer.status === 401 || answer.status === 403) throw this.withoutRights(answer);
    return answer;
  }

  private async attempt(asked: Asked, headers: Record<string, string>): Promise<ElasticAnswer> {
    try {
      return await asked(headers);
    } catch (error) {
      if (error instanceof errors.ResponseError) return answerOf(error.statusCode ?? 0, error.headers ?? {}, error.body);
      throw this.failure(error);
    }
  }

  private failure(error: unknown): SluiceError {
    const text = error instanceof Error ? error.message : String(error);
    // The client's own errors hold the whole request, with its body and credentials; what they wrap does not.
    const cause = error instanceof errors.ElasticsearchClientError ? error.cause : error;
    if (error instanceof errors.RequestAbortedError || (error instanceof Error && error.name === "AbortError")) {
      return new SluiceError("STOPPED", this.saying("was not waited for: stopping"), { cause });
    }
    if (error instanceof errors.TimeoutError) {
      const message = this.saying(`did not answer within ${this.settings.requestTimeoutMs} ms`);
      return new SluiceError("CHANGE_UNAVAILABLE", message, { cause, hint: "Raise requestTimeoutMs if the server is only slow." });
    }
    if (error instanceof errors.ProductNotSupportedError) {
      return new SluiceError("CONNECTION_FAILED", this.saying("is not Elasticsearch: it does not say so in its answers"), {
        cause,
        hint: "Elasticsearch 8 and 9 are supported; other products and proxies that drop X-Elastic-Product are not.",
      });
    }
    return new SluiceError("CONNECTION_FAILED", this.saying(`cannot be reached: ${text}`), {
      cause,
      hint: `Check that it runs, and connections.${this.connection}.node (http or https, host, port) in the configuration.`,
    });
  }

  private withoutRights(answer: ElasticAnswer): SluiceError {
    const message = this.saying(`refuses with ${answer.status}: ${reasonOf(answer.body)}`);
    const hint = `Check username and password, or apiKey, of connections.${this.connection}, and the rights of that user.`;
    return new SluiceError("CONNECTION_REFUSED_RIGHTS", message, { hint });
  }

  private saying(text: string): string {
    return `connection "${this.connection}": Elasticsearch at ${this.nodes} ${text}`;
  }
}

function paramsOf({ method, path, query, body, ndjson }: ElasticRequest): TransportRequestParams {
  return { method, path, ...(query && { querystring: { ...query } }), ...(body && { body }), ...(ndjson && { bulkBody: ndjson }) };
}

function mediaTypes(generation: 8 | 9, ndjson: boolean): Record<string, string> {
  const json = `application/vnd.elasticsearch+json; compatible-with=${generation}`;
  return { accept: json, "content-type": ndjson ? json.replace("+json", "+x-ndjson") : json };
}

function refusesMediaType(answer: ElasticAnswer): boolean {
  if (answer.status !== 400 || !isRecord(answer.body) || !isRecord(answer.body.error)) return false;
  return answer.body.error.type === "media_type_header_exception";
}

function answerOf(status: number, headers: Readonly<Record<string, unknown>>, body: unknown): ElasticAnswer {
  const retryAfter = headers["retry-after"];
  return { status, body, retryAfter: typeof retryAfter === "string" ? retryAfter : null };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return bytes.toString("utf8");
  }
}
