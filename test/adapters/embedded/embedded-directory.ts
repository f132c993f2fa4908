import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedConnection, openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ConnectionConfig } from "../../../src/ports/connection.ts";

/** A data directory of its own, with connections that are closed with it. */
export class EmbeddedDirectory {
  readonly path: string;
  private readonly connections: EmbeddedConnection[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<EmbeddedDirectory> {
    return new EmbeddedDirectory(await mkdtemp(join(tmpdir(), "sluice-embedded-")));
  }

  open(name = "embedded", more: Partial<ConnectionConfig> = {}, clock: Clock = systemClock): EmbeddedConnection {
    const connection = openEmbedded({ name, kind: "embedded", as: "embedded", settings: {}, ...more }, this.path, clock);
    this.connections.push(connection);
    return connection;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) await connection.close();
    await rm(this.path, { recursive: true });
  }
}
