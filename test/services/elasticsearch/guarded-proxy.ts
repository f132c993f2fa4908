import { request } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

export interface GuardOptions {
  /** Key and certificate: a PKCS12 store. */
  readonly pfx: Buffer;
  readonly passphrase: string;
  /** What `Authorization` may be. */
  readonly allowed: readonly string[];
  /** The server behind it. */
  readonly node: string;
}

/**
 * A TLS endpoint before a real server that asks who is there and passes on everything else, answers and errors as they are. The published
 * jars of Elasticsearch have no security of their own.
 */
export class GuardedProxy {
  readonly node: string;
  requests = 0;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    this.node = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start({ pfx, passphrase, allowed, node }: GuardOptions): Promise<GuardedProxy> {
    const server = createServer({ pfx, passphrase });
    server.on("request", (incoming, outgoing) => {
      proxy.requests++;
      const { authorization, ...headers } = incoming.headers;
      if (authorization === undefined || !allowed.includes(authorization)) {
        const body = { error: { type: "security_exception", reason: "unable to authenticate" }, status: 401 };
        outgoing.writeHead(401, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" }).end(JSON.stringify(body));
        return;
      }
      const { method, url = "/" } = incoming;
      const behind = request(new URL(url, node), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      behind.on("error", () => outgoing.destroy());
      incoming.pipe(behind);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = new GuardedProxy(server);
    return proxy;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
