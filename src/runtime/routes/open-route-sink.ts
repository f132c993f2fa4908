import type { Connection } from "../../ports/connection.ts";
import type { RouteTarget, Sink } from "../../ports/sink.ts";
import { NamedSinks } from "./named-sinks.ts";

/** The sink of a route: of one target, or of all that its records name. Rejects as `Connection.openSink` does. */
export async function openRouteSink(target: RouteTarget, connection: (name: string) => Promise<Connection>): Promise<Sink> {
  const to = await connection(target.connection);
  return target.options.dynamic ? new NamedSinks(target, (named) => to.openSink(named)) : to.openSink(target);
}
