import type { Deployments } from "../fleet/deployments.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { PipelineStatuses } from "../fleet/shared-statuses.ts";
import type { Project } from "../project/project.ts";
import type { Environment } from "../runtime/environment.ts";
import type { StartThread } from "../runtime/pipeline-thread.ts";

/** What the routes work on. */
export interface ServerContext {
  readonly project: Project;
  readonly deployments: Deployments;
  readonly fleet: Fleet;
  /** On all servers that share the catalog. */
  readonly statuses: PipelineStatuses;
  readonly env: Environment;
  /** Where ad hoc queries run. */
  readonly startThread: StartThread;
  /** Aborted once the server is about to end: no new work, and streams end. */
  readonly draining: AbortSignal;
}
