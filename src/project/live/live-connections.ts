import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { Connection } from "../../ports/connection.ts";
import { asSluiceError } from "../../runtime/as-error.ts";
import type { Environment } from "../../runtime/environment.ts";
import { openNamed } from "../open-named.ts";
import type { Project } from "../project.ts";

/** Connections that are asked, and each of them only until it has failed. */
export class LiveConnections {
  private readonly project: Project;
  private readonly env: Environment;
  private readonly msMax: number;
  private readonly opened = new Map<string, Promise<Connection>>();
  private readonly failed = new Map<string, SluiceError>();

  /** `msMax`: how long one question may take. */
  constructor(project: Project, env: Environment, msMax: number = LIMITS.liveMsMax) {
    this.project = project;
    this.env = env;
    this.msMax = msMax;
  }

  /** What `work` gives; a SluiceError where the connection cannot be used. Does not reject. */
  async ask<T>(name: string, work: (connection: Connection) => Promise<T>): Promise<T | SluiceError> {
    const earlier = this.failed.get(name);
    if (earlier !== undefined) return earlier;
    try {
      return await inTime(this.open(name).then(work), name, this.msMax);
    } catch (error) {
      const failure = asSluiceError(error);
      if (ENDS.has(failure.code)) this.failed.set(name, this.failed.get(name) ?? failure);
      return this.failed.get(name) ?? failure;
    }
  }

  async close(): Promise<void> {
    const all = await Promise.allSettled(this.opened.values());
    await Promise.allSettled(all.map((one) => (one.status === "fulfilled" ? one.value.close() : null)));
  }

  private open(name: string): Promise<Connection> {
    const connection = this.opened.get(name) ?? openNamed(this.project, this.env, name, () => undefined);
    this.opened.set(name, connection);
    return connection;
  }
}

/** After these nothing else can be asked there. */
const ENDS: ReadonlySet<string> = new Set(["CONNECTION_FAILED", "CONFIG_INVALID", "CONNECTION_UNKNOWN", "STORE_UNUSABLE"]);

async function inTime<T>(work: Promise<T>, name: string, ms: number): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const running = setTimeout(() => timer.reject(new SluiceError("CONNECTION_FAILED", `${name} gave no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(running);
    // Whoever comes too late is not listened to any more.
    work.catch(() => undefined);
  }
}
