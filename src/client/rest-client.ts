import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Problem } from "../server/problem.ts";
import { linesOf } from "./lines.ts";
import { type ServerEvent, serverEvents } from "./server-events.ts";
import { ServerProblem } from "./server-problem.ts";

export interface RestClientOptions {
  /** `http://host:port` or `https://…`, with a path where a proxy adds one. `name:password@` before the host is basic authentication. */
  readonly url: string;
  /** Sent as bearer; null: none. */
  readonly token?: string | null;
  /** PEM: who signs the server's certificate, beside those known; and what this client shows of itself. */
  readonly ca?: Buffer | null;
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer } | null;
}

export interface RestAnswer<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON is read; of 204 it is the empty text. */
  readonly body: Body;
}

/** What a stream of rows says; heartbeats are for the connection alone. */
export type StreamItem =
  /** A JSON document as the server wrote it: reading it as JavaScript's numbers could lose digits. */
  { readonly kind: "row"; readonly json: string } | { readonly kind: "note"; readonly text: string };

/** Nothing heard for so long, heartbeats included: the connection is dead. */
const SILENT_MS_MAX = 60_000;

/** Speaks with a server. Whatever is no success rejects: ServerProblem where the server says so, CONNECTION_FAILED where none answers. */
export class RestClient {
  /** Without name and password. */
  readonly url: string;
  private readonly authorization: Readonly<Record<string, string>>;
  private readonly tls: Readonly<Record<string, Buffer>>;

  /** Throws USAGE. */
  constructor({ url, token = null, ca = null, certificate = null }: RestClientOptions) {
    const { username, password, origin, pathname } = readUrl(url);
    this.url = `${origin}${pathname.replace(/\/+$/, "")}`;
    const basic = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    if (token !== null) this.authorization = { authorization: `Bearer ${token}` };
    else this.authorization = username === "" ? {} : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` };
    this.tls = { ...(ca === null ? {} : { ca }), ...certificate };
  }

  /** `path` begins with `/v1` or whatever the server has at its root; a text as body is SQL, all else JSON. */
  async request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    signal: AbortSignal | null = null,
  ): Promise<RestAnswer<Body>> {
    const answer = await this.send(method, path, body, headers, signal);
    const { statusCode: status = 0, headers: given } = answer;
    return { status, headers: given as Record<string, string>, body: (await this.bodyOf(answer)) as Body };
  }

  /** POSTs and gives rows and notes as they come, to the stream's end; an error in it is thrown. An abort ends it quietly. */
  async *stream(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<StreamItem, void> {
    try {
      const answer = await this.send("POST", path, body, { accept: "application/x-ndjson" }, signal);
      for await (const line of linesOf(answer, LIMITS.recordBytesMax)) {
        if (line.length > LIMITS.recordBytesMax)
          throw new SluiceError("LIMIT_EXCEEDED", `a row has more than ${LIMITS.recordBytesMax} bytes`);
        if (line.startsWith(ROW)) yield { kind: "row", json: line.slice(ROW.length, -1) };
        else {
          const said = JSON.parse(line) as { note?: string; error?: Problem; done?: true };
          if (said.error !== undefined) throw new ServerProblem(said.error);
          if (said.done === true) return;
          if (said.note !== undefined) yield { kind: "note", text: said.note };
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof SluiceError ? error : this.unreachable(error);
    }
    if (!signal.aborted) throw new SluiceError("CONNECTION_FAILED", `${this.url} broke off before the end of the rows`);
  }

  /** Server-sent events of a path, from now on or behind the event `after`, until the server ends them or the signal is aborted. */
  async *events(path: string, after: string | null, signal: AbortSignal): AsyncGenerator<ServerEvent, void> {
    const headers = { accept: "text/event-stream", ...(after === null ? {} : { "last-event-id": after }) };
    try {
      yield* serverEvents(await this.send("GET", path, undefined, headers, signal));
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof SluiceError ? error : this.unreachable(error);
    }
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | null,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = this.url.startsWith("https:") ? tlsRequest : plainRequest;
    const sent = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    const type = sent === null ? {} : { "content-type": sent === body ? "application/sql" : "application/json" };
    const length = sent === null ? {} : { "content-length": Buffer.byteLength(sent) };
    const outgoing = request(`${this.url}${path}`, {
      method,
      headers: { ...type, ...length, ...this.authorization, ...headers },
      ...this.tls,
      // A client lives as long as a command: connections that linger would keep it alive.
      agent: false,
      ...(signal === null ? {} : { signal }),
    });
    outgoing.setTimeout(SILENT_MS_MAX, () => outgoing.destroy(new Error(`nothing was heard for ${SILENT_MS_MAX / 1000} s`)));
    outgoing.once("response", resolve).once("error", reject);
    outgoing.end(sent);
    const answer = await promise.catch((error: unknown) => {
      throw this.unreachable(error);
    });
    if ((answer.statusCode ?? 0) < 400) return answer;
    const found = await this.bodyOf(answer);
    if (isProblem(found)) throw new ServerProblem(found);
    throw new SluiceError("CONNECTION_FAILED", `${this.url} answers ${method} ${path} with ${answer.statusCode}, as no Sluice server does`);
  }

  private async bodyOf(answer: IncomingMessage): Promise<unknown> {
    const read = await text(answer).catch((error: unknown) => {
      throw this.unreachable(error);
    });
    const isJson = /[/+]json\b/.test(answer.headers["content-type"] ?? "");
    return isJson && read !== "" ? (JSON.parse(read) as unknown) : read;
  }

  private unreachable(cause: unknown): SluiceError {
    const { code = "", message, errors } = cause as NodeJS.ErrnoException & { errors?: readonly Error[] };
    const failed = (what: string, hint: string): SluiceError => new SluiceError("CONNECTION_FAILED", what, { hint, cause });
    if (code === "ECONNREFUSED") {
      return failed(`no server at ${this.url}`, "start one with sluice serve, or name another with --server or SLUICE_SERVER");
    }
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
      return failed(`the certificate of ${this.url} is not trusted: ${message}`, "--ca names the file of who signed it");
    }
    if (/^(EPROTO|HPE_|ERR_SSL)/.test(code)) return failed(`${this.url} speaks another protocol: ${message}`, "is it http or https?");
    const reason = message === "" ? (errors?.[0]?.message ?? code) : message;
    return failed(`cannot reach ${this.url}: ${reason}`, "--server or SLUICE_SERVER names the server");
  }
}

const ROW = '{"row":';

function readUrl(url: string): URL {
  const parsed = URL.parse(/^[a-z]+:\/\//i.test(url) ? url : `http://${url}`);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new SluiceError("USAGE", `'${url}' is no address of a server`, { hint: "http://localhost:8080 is one" });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "detail" in body && "errors" in body && Array.isArray(body.errors);
}
