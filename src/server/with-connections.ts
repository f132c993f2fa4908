import { LIMITS } from "../limits.ts";
import { LiveConnections } from "../project/live/live-connections.ts";
import type { ServerContext } from "./server-context.ts";

/** Connections for one request, each asked for a bounded time. */
export async function withConnections<T>({ project, env }: ServerContext, work: (live: LiveConnections) => Promise<T>): Promise<T> {
  const live = new LiveConnections(project, env, LIMITS.askedMsMax);
  try {
    return await work(live);
  } finally {
    await live.close();
  }
}
