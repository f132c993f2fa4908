import type { CommonOptions } from "../command.ts";
import { openProjectOf } from "../command.ts";
import { PipelineWatch } from "../pipeline-watch.ts";
import type { OutputFormat } from "../rows-output.ts";
import { clientOf, type ServerOptions } from "../server-command.ts";
import { runCommand } from "./commands.ts";
import type { Engine } from "./engine.ts";
import { ProjectEngine } from "./project-engine.ts";
import { ServerEngine } from "./server-engine.ts";
import { Shell } from "./shell.ts";

export interface OpenShellOptions extends CommonOptions, Partial<ServerOptions> {
  readonly output?: OutputFormat;
  readonly untilEnd?: boolean;
  readonly from?: "earliest" | "latest";
  readonly keepGoing?: boolean;
}

/**
 * A shell on a server, or on the project. `isInteractive`: a person reads the results as they come. Rejects with
 * CONNECTION_FAILED where no server answers.
 */
export async function openShell(options: OpenShellOptions, isInteractive: boolean): Promise<Shell> {
  const watch = new PipelineWatch();
  const reading = { untilEnd: options.untilEnd ?? false, from: options.from ?? null, watch };
  const open = async (server: string | null): Promise<Engine> => {
    if (server === null) return new ProjectEngine(await openProjectOf(options), reading);
    const client = await clientOf({ ...options, server });
    await client.request("GET", "/health/live");
    return new ServerEngine(client, reading);
  };
  return new Shell({
    engine: await open(options.server ?? null),
    open,
    watch,
    runCommand,
    keepsGoing: options.keepGoing ?? false,
    display: {
      format: options.output ?? (process.stdout.isTTY ? "table" : "ndjson"),
      expanded: "auto",
      chart: null,
      timing: false,
      pager: isInteractive && process.env["TERM"] !== "dumb" ? (process.env["PAGER"] ?? "less") || null : null,
      file: null,
    },
  });
}
