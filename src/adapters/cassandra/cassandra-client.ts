import { Client, errors, type Host, policies } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import { MadeOnce } from "../../made-once.ts";
import type { ConnectionConfig, TroubleListener } from "../../ports/connection.ts";
import { sluiceError } from "./driver-error.ts";
import type { CassandraSettings } from "./settings.ts";
import { ENCODING } from "./wire-value.ts";

/** How often the driver looks for a node that is down. */
const RECONNECT_MS = 500;
const RECONNECT_MS_MAX = 5000;
const AGREEMENT_SECONDS = 30;

/**
 * What the driver's types do not show. Of a node that comes back as a new one the old pool is left able to connect, which it does later:
 * a connection that nobody uses, and that the client's end does not close.
 */
interface PooledHost extends Host {
  shutdown(waitForPending: boolean): Promise<void>;
}

/** The driver's client, connected at the first use; a failed attempt leaves nothing behind and the next use tries again. */
export class CassandraClient {
  private readonly config: ConnectionConfig;
  private readonly settings: CassandraSettings;
  private readonly onTrouble: TroubleListener;
  private readonly client = new MadeOnce(() => this.connect().catch((error: unknown) => Promise.reject(this.explained(error))));
  private closed = false;

  constructor(config: ConnectionConfig, settings: CassandraSettings, onTrouble: TroubleListener) {
    this.config = config;
    this.settings = settings;
    this.onTrouble = onTrouble;
  }

  /** Rejects with CONNECTION_FAILED, CONNECTION_REFUSED_RIGHTS, CONFIG_INVALID (data centre), STOPPED (closed). */
  connected(): Promise<Client> {
    if (this.closed) return Promise.reject(new SluiceError("STOPPED", `connection ${this.config.name} is closed`));
    return this.client.get();
  }

  async close(): Promise<void> {
    this.closed = true;
    const client = await this.client.forget()?.catch(() => null);
    await client?.shutdown();
  }

  private async connect(): Promise<Client> {
    const { settings } = this;
    const client = new Client({
      contactPoints: [...settings.contactPoints],
      // Not the option `localDataCenter`: a wrong name there fails with the driver's socket left open.
      policies: {
        loadBalancing: new policies.loadBalancing.DefaultLoadBalancingPolicy({ localDc: settings.localDataCenter }),
        reconnection: new policies.reconnection.ExponentialReconnectionPolicy(RECONNECT_MS, RECONNECT_MS_MAX),
      },
      ...(settings.credentials === null ? {} : { credentials: settings.credentials }),
      // The driver takes any certificate unless it is told not to.
      ...(settings.tls === null ? {} : { sslOptions: { rejectUnauthorized: true, ...settings.tls } }),
      protocolOptions: { maxSchemaAgreementWaitSeconds: AGREEMENT_SECONDS },
      queryOptions: { consistency: settings.consistency },
      socketOptions: { readTimeout: settings.requestTimeoutMs, connectTimeout: settings.requestTimeoutMs },
      encoding: ENCODING,
      monitorReporting: { enabled: false },
    });
    await client.connect();
    const tell = (what: string) => (host: Host) => this.onTrouble(this.config.name, `node ${host.address} ${what}`);
    client.on("hostDown", tell("is down"));
    client.on("hostUp", tell("is up again"));
    // After all nodes were down, those that come back are new ones to the driver as often as not.
    client.on("hostAdd", tell("was found"));
    client.on("hostRemove", (host: PooledHost) => void host.shutdown(false));
    return client;
  }

  private explained(error: unknown): SluiceError {
    const at = `connections.${this.config.name}`;
    if (error instanceof errors.ArgumentError && /^Datacenter /.test(error.message)) {
      const found = /\[(.*)\]/.exec(error.message)?.[1] ?? "";
      const message = `${at}.localDataCenter is "${this.settings.localDataCenter}", but the nodes are in: ${found}`;
      return new SluiceError("CONFIG_INVALID", message, { hint: `set localDataCenter to one of: ${found}`, cause: error });
    }
    const failure = sluiceError(error);
    const message = `Cassandra (${at}, contact points ${this.settings.contactPoints.join(", ")}): ${failure.message}`;
    const hint = failure.hint ?? "check contactPoints, that a node runs there, and that the port is its native_transport_port (9042)";
    return new SluiceError(failure.code, message, { hint, cause: error });
  }
}
