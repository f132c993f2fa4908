import type { CommonOptions } from "../command.ts";
import { openProjectOf } from "../command.ts";
import { PipelineWatch } from "../pipeline-watch.ts";
import type { OutputFormat } from "../rows-output.ts";
import { runCommand } from "./commands.ts";
import type { Engine } from "./engine.ts";
import { ProjectEngine } from "./project-engine.ts";
import { Shell } from "./shell.ts";

export interface OpenShellOptions extends CommonOptions {
  readonly output?: OutputFormat;
  readonly untilEnd?: boolean;
  readonly from?: "earliest" | "latest";
  readonly keepGoing?: boolean;
}

/** A shell on the project. `isInteractive`: a person reads the results as they come. */
export async function openShell(options: OpenShellOptions, isInteractive: boolean): Promise<Shell> {
  const watch = new PipelineWatch();
  const open = async (): Promise<Engine> => {
    const project = await openProjectOf(options);
    return new ProjectEngine(project, { untilEnd: options.untilEnd ?? false, from: options.from ?? null, watch });
  };
  return new Shell({
    engine: await open(),
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
