import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { RouteTarget, Sink } from "../../src/ports/sink.ts";

/** The connection with other parts in the place of its own. */
export function withParts<T extends object>(whole: T, parts: Partial<T>): T {
  return new Proxy(whole, {
    get(target, property) {
      const value: unknown = Reflect.get(property in parts ? parts : target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The connection with something before each sink. */
export function withSinks(connection: Connection, guard: (target: RouteTarget, sink: Sink) => Sink): Connection {
  return withParts(connection, { openSink: async (target) => guard(target, await connection.openSink(target)) });
}

/** Gates before targets: while one is shut, its target is unavailable. */
export class Gates {
  readonly shut = new Set<string>();

  wrap = (connection: Connection): Connection =>
    withSinks(connection, ({ name }, sink) => ({
      write: async (batch, origin, signal) => {
        if (this.shut.has(name)) throw new SluiceError("CHANGE_UNAVAILABLE", `${name} is down`);
        return sink.write(batch, origin, signal);
      },
      close: () => sink.close(),
    }));
}
