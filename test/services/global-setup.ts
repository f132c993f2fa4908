import type { TestProject } from "vitest/node";
import { ensure, missingFor, release } from "./launcher/launcher.ts";
import { SERVICE_NAMES, type ServiceName } from "./launcher/service.ts";
import "./provided.ts";

/** What this run takes from the launcher and gives back at its end. */
const launched: ServiceName[] = [];

/**
 * Gives the tests their services: the user's own where an environment variable names them (`SLUICE_TEST_KAFKA`,
 * `SLUICE_TEST_ELASTICSEARCH`, `SLUICE_TEST_CASSANDRA`), else those of the launcher.
 */
export async function setup(project: TestProject): Promise<void> {
  const missing: Record<string, string> = {};
  const results = await Promise.allSettled(
    SERVICE_NAMES.map(async (name) => {
      const own = process.env[`SLUICE_TEST_${name.toUpperCase()}`];
      if (own) return provide(project, name, own);
      const reason = await missingFor(name);
      if (reason === null) return provide(project, name, await launch(name));
      missing[name] = reason;
      project.provide(name, null);
    }),
  );
  const failure = results.find((result) => result.status === "rejected");
  if (failure) {
    await teardown();
    throw failure.reason;
  }
  report(missing);
  project.provide("missingServices", missing);
}

/** What nobody else uses is stopped, unless SLUICE_KEEP_SERVICES=1. */
export async function teardown(): Promise<void> {
  await Promise.all(launched.splice(0).map((name) => release(name)));
}

async function launch(name: ServiceName): Promise<string> {
  launched.push(name);
  const keep = process.env["SLUICE_KEEP_SERVICES"] === "1";
  const { address } = await ensure(name, { keep, progress: (line) => process.stderr.write(`${line}\n`) });
  return address;
}

function provide(project: TestProject, name: ServiceName, address: string): void {
  if (name === "kafka") project.provide(name, { brokers: address.split(",") });
  else if (name === "elasticsearch") project.provide(name, { node: address.includes("://") ? address : `http://${address}` });
  else {
    const [points = "", localDataCenter = "datacenter1"] = address.split("/");
    project.provide(name, { contactPoints: points.split(","), localDataCenter });
  }
}

/** On a developer's machine a missing service skips its tests; in CI nobody would notice that. */
function report(missing: Readonly<Record<string, string>>): void {
  const lines = Object.entries(missing).map(([name, reason]) => `no ${name} for tests: ${reason}`);
  if (lines.length === 0) return;
  if (process.env["CI"] === "true") throw new Error(lines.join("\n"));
  process.stderr.write(`${lines.join("\n")}\n`);
}
