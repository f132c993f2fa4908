import type { ChildCommand } from "./process.ts";

export const SERVICE_NAMES = ["kafka", "elasticsearch", "cassandra"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Where one instance of a service keeps its things, and the ports it has. */
export interface Instance {
  readonly service: ServiceName;
  /** Holds state, log, configuration and `data/` of this instance. */
  readonly directory: string;
  readonly data: string;
  readonly log: string;
  /** What all instances share: class paths and installed homes. */
  readonly shared: string;
  /** The first is the one that clients use. */
  readonly ports: readonly [number, number];
  /** Of its JVM; by default as little as tests need. */
  readonly heapMb?: number;
  /** Its own settings, in the place of ours or beside them; Cassandra's are JSON. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** How one kind of service is installed, started and recognised as ready. */
export interface Service {
  readonly version: string;
  /** How long SIGTERM may take before SIGKILL follows. */
  readonly stopMs: number;
  /** What this machine lacks to run it, or null. */
  missing(): Promise<string | null>;
  /** Fetches and builds what it needs; quick when all is there. Not called by two processes at once. */
  install(shared: string): Promise<void>;
  /** Writes the configuration and makes the data directory. */
  prepare(instance: Instance): Promise<void>;
  command(instance: Instance): Promise<ChildCommand>;
  /** Whether it serves requests. May reject: not ready. */
  ready(instance: Instance, pid: number): Promise<boolean>;
}
