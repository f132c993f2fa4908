import type { Role } from "../../src/server/auth/role.ts";

/** `path` behind the operation's own where it is left out; the operation's method where that is. */
export interface Ask {
  readonly path: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly status: number;
}

export interface Entry {
  /** The least role that may; `open`: nobody is asked. */
  readonly role: Role | "open";
  readonly good: Ask;
  readonly bad: Ask;
}

export const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";
export const KEPT = `CREATE STREAM refused WITH (topic = 'refused'); SET 'dead.letters' = 'embedded.refused'; ${HOT}`;
const FAULTY = "SELEC";
const PLAN = { owner: "shop", pipelines: [{ name: "shop", sql: HOT }] };
export const P = "/v1/pipelines";

/** What takes everything is asked by another method. */
const otherMethod = (path: string): Ask => ({ path, method: "PATCH", status: 405 });

/** Every operation of /openapi.json, in the order in which they are tried. There is a pipeline `hot`, and a topic `readings`. */
export const ROUTES: Readonly<Record<string, Entry>> = {
  live: { role: "open", good: { path: "/health/live", status: 200 }, bad: otherMethod("/health/live") },
  ready: { role: "open", good: { path: "/health/ready", status: 200 }, bad: otherMethod("/health/ready") },
  getMetrics: { role: "viewer", good: { path: "/metrics", status: 200 }, bad: otherMethod("/metrics") },
  listAudit: { role: "admin", good: { path: "/v1/audit", status: 200 }, bad: { path: "/v1/audit?limit=0", status: 400 } },
  streamEvents: {
    role: "viewer",
    good: { path: "/v1/events?from=earliest&follow=false", status: 200 },
    bad: { path: "/v1/events?from=there", status: 400 },
  },
  validate: {
    role: "viewer",
    good: { path: "/v1/validate", body: { sql: FAULTY }, status: 200 },
    bad: { path: "/v1/validate", body: { text: HOT }, status: 400 },
  },
  format: {
    role: "viewer",
    good: { path: "/v1/format", body: { sql: HOT }, status: 200 },
    bad: { path: "/v1/format", body: { sql: FAULTY }, status: 422 },
  },
  complete: {
    role: "viewer",
    good: { path: "/v1/complete", body: { sql: FAULTY, offset: 3 }, status: 200 },
    bad: { path: "/v1/complete", body: { sql: FAULTY, offset: -1 }, status: 400 },
  },
  listConnections: { role: "viewer", good: { path: "/v1/connections", status: 200 }, bad: otherMethod("/v1/connections") },
  listFunctions: { role: "viewer", good: { path: "/v1/functions", status: 200 }, bad: otherMethod("/v1/functions") },
  listSettings: { role: "viewer", good: { path: "/v1/settings", status: 200 }, bad: otherMethod("/v1/settings") },
  listTopics: { role: "viewer", good: { path: "/v1/topics", status: 200 }, bad: otherMethod("/v1/topics") },
  getTopic: {
    role: "viewer",
    good: { path: "/v1/topics/readings", status: 200 },
    bad: { path: "/v1/topics/nothing", status: 404 },
  },
  sampleTopic: {
    role: "operator",
    good: { path: "/v1/topics/readings/sample?count=1", status: 200 },
    bad: { path: "/v1/topics/readings/sample?count=0", status: 400 },
  },
  query: {
    role: "operator",
    good: { path: "/v1/query", body: { sql: "SELECT id FROM readings", untilEnd: true }, status: 200 },
    bad: { path: "/v1/query", body: FAULTY, status: 422 },
  },
  executeStatements: {
    role: "viewer",
    good: { path: "/v1/statements", body: "SHOW PIPELINES", status: 200 },
    bad: { path: "/v1/statements", body: { sql: "SELECT id FROM readings" }, status: 422 },
  },
  listPipelines: { role: "viewer", good: { path: P, status: 200 }, bad: { path: `${P}?limit=none`, status: 400 } },
  putPipeline: {
    role: "admin",
    good: { path: `${P}/new`, body: HOT, status: 201 },
    bad: { path: `${P}/new`, body: FAULTY, status: 422 },
  },
  getPipeline: { role: "viewer", good: { path: `${P}/hot`, status: 200 }, bad: { path: `${P}/none`, status: 404 } },
  listTasks: { role: "viewer", good: { path: `${P}/hot/tasks`, status: 200 }, bad: { path: `${P}/none/tasks`, status: 404 } },
  getPipelinePlan: { role: "viewer", good: { path: `${P}/hot/plan`, status: 200 }, bad: { path: `${P}/none/plan`, status: 404 } },
  pausePipeline: { role: "operator", good: { path: `${P}/hot/pause`, status: 202 }, bad: { path: `${P}/none/pause`, status: 404 } },
  resumePipeline: { role: "operator", good: { path: `${P}/hot/resume`, status: 202 }, bad: { path: `${P}/none/resume`, status: 404 } },
  restartPipeline: { role: "operator", good: { path: `${P}/hot/restart`, status: 202 }, bad: { path: `${P}/none/restart`, status: 404 } },
  replayPipeline: {
    role: "operator",
    good: { path: `${P}/hot/replay`, body: { from: "earliest" }, status: 202 },
    bad: { path: `${P}/hot/replay`, body: { from: "soon" }, status: 422 },
  },
  listDeadLetters: {
    role: "operator",
    good: { path: `${P}/hot/deadletters`, status: 200 },
    bad: { path: `${P}/none/deadletters`, status: 404 },
  },
  redriveDeadLetters: {
    role: "operator",
    good: { path: `${P}/hot/deadletters/redrive`, body: {}, status: 200 },
    bad: { path: `${P}/hot/deadletters/redrive`, body: { limit: 0 }, status: 400 },
  },
  deletePipeline: { role: "admin", good: { path: `${P}/new`, status: 204 }, bad: { path: `${P}/none`, status: 404 } },
  planChanges: {
    role: "viewer",
    good: { path: "/v1/plan", body: PLAN, status: 200 },
    bad: { path: "/v1/plan", body: { pipelines: [] }, status: 400 },
  },
  applyChanges: {
    role: "admin",
    good: { path: "/v1/apply", body: PLAN, status: 200 },
    bad: { path: "/v1/apply", body: { ...PLAN, digest: "of another" }, status: 409 },
  },
};
