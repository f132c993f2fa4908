import { Client, errors, type Host, policies } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { ConnectionConfig, TroubleListener } from "../../ports/connection.ts";
import { sluiceError } from "./driver-error.ts";
import type { CassandraSettings } from "./settings.ts";

/** How often the driver looks for a node that is down. */
const RECONNECT_MS = 500;
const RECONNECT_MS_MAX = 5000;
const AGREEMENT_SECONDS = 30;

/**
 * The driver's client, connected at the first use. A failed attempt leaves nothing behind and the next use tries again.
 * Where all nodes are down, the next use connects anew: the driver can take a node for down for good when it was the only
 * one and its control connection, not its pool, reaches it first after a restart.
 */
export class CassandraClient {
  private readonly config: ConnectionConfig;
  private readonly settings: CassandraSettings;
  private readonly onTrouble: TroubleListener;
  private client: Client | null = null;
  private connecting: Promise<Client> | null = null;
  private closed = false;

  constructor(config: ConnectionConfig, settings: CassandraSettings, onTrouble: TroubleListener) {
    this.config = config;
    this.settings = settings;
    this.onTrouble = onTrouble;
  }

  /** Rejects with CONNECTION_FAILED, CONNECTION_REFUSED_RIGHTS, CONFIG_INVALID (data centre), STOPPED (closed). */
  async connected(): Promise<Client> {
    if (this.closed) throw new SluiceError("STOPPED", `connection ${this.config.name} is closed`);
    if (this.client !== null && !this.isLost(this.client)) return this.client;
    this.connecting ??= this.replace().finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connecting?.catch(() => null);
    await this.client?.shutdown();
    this.client = null;
  }

  private isLost(client: Client): boolean {
    return !client.hosts.values().some((host) => host.datacenter === this.settings.localDataCenter && host.isUp());
  }

  private async replace(): Promise<Client> {
    const lost = this.client;
    try {
      this.client = await this.connect();
    } catch (error) {
      throw this.explained(error);
    }
    if (lost !== null) {
      this.onTrouble(this.config.name, "connected again");
      // Nobody waits for it: it has no connection any more.
      lost.shutdown().catch(() => undefined);
    }
    return this.client;
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
      protocolOptions: { maxSchemaAgreementWaitSeconds: AGREEMENT_SECONDS },
      queryOptions: { consistency: settings.consistency },
      socketOptions: { readTimeout: settings.requestTimeoutMs, connectTimeout: settings.requestTimeoutMs },
      encoding: { useBigIntAsLong: true, useBigIntAsVarint: true, map: Map },
      monitorReporting: { enabled: false },
    });
    await client.connect();
    client.on("hostDown", (host: Host) => this.onTrouble(this.config.name, `node ${host.address} is down`));
    client.on("hostUp", (host: Host) => this.onTrouble(this.config.name, `node ${host.address} is up again`));
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
