import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "..");

/** Everything that the bench makes and may make again; ignored by git. */
const HOME = join(ROOT, ".bench");

export const PATHS = {
  home: HOME,
  broker: join(HOME, "broker"),
  /** Class paths of the broker. */
  shared: join(HOME, "shared"),
  /** What Maven makes of `bench/peers`. */
  peers: join(HOME, "build"),
  /** One Sluice project for each data set and client. */
  projects: join(HOME, "projects"),
  /** One file of lines for each session of measuring. */
  runs: join(HOME, "runs"),
  /** Embedded data, state of the peers. */
  scratch: join(HOME, "scratch"),
  compare: join(HOME, "compare"),
  /** CPU profiles. */
  profile: join(HOME, "profile"),
  /** What the generated data must give. */
  expected: join(HOME, "expected"),
  /** The process that is being measured, so that one left over by a crash is found. */
  child: join(HOME, "child.json"),
  results: join(ROOT, "bench", "results"),
  documents: join(ROOT, "docs"),
  plot: join(ROOT, "docs", "performance.svg"),
} as const;
