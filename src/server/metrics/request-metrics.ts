import type { FastifyInstance } from "fastify";
import { Durations } from "../../runtime/durations.ts";
import type { Families, Labels } from "./families.ts";

/** Requests by route pattern, never by path: their number is that of the routes. */
export function requestMetrics(families: Families, server: FastifyInstance): void {
  const durations = new Map<string, { readonly labels: Labels; readonly durations: Durations }>();
  const answers = new Map<string, { readonly labels: Labels; count: number }>();
  server.addHook("onResponse", async ({ method, routeOptions }, reply) => {
    const labels = { method, route: routeOptions.url ?? "none" };
    const key = `${method} ${labels.route}`;
    const timed = durations.get(key) ?? { labels, durations: new Durations() };
    durations.set(key, timed);
    timed.durations.add(reply.elapsedTime);
    const status = String(reply.statusCode);
    const counted = answers.get(`${key} ${status}`) ?? { labels: { ...labels, status }, count: 0 };
    answers.set(`${key} ${status}`, counted);
    counted.count++;
  });
  families.counter("sluice_http_requests_total", "Requests answered.", () =>
    [...answers.values()].map(({ labels, count }) => [labels, count]),
  );
  families.histogram("sluice_http_request_seconds", "Time until an answer was sent; of a stream, until its end.", () =>
    [...durations.values()].map(({ labels, durations: { now } }) => [labels, now]),
  );
}
