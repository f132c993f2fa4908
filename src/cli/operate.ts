import { type Command, Option } from "commander";
import { pipelinePath } from "../client/pipelines.ts";
import type { Pipeline } from "../server/schemas.ts";
import { isAgreed } from "./agree.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { counted, print } from "./output.ts";
import { clientOf, forEachName, newServerCommand, type ServerOptions } from "./server-command.ts";

export const pauseCommand = operating("pause", "drains pipelines and keeps their positions; they stay paused over restarts");
export const resumeCommand = operating("resume", "runs paused pipelines again from their positions");
export const restartCommand = operating("restart", "stops and starts pipelines, also those that were given up after a failure");

function operating(action: "pause" | "resume" | "restart", description: string): (setExitCode: SetExitCode) => Command {
  return (setExitCode) => {
    const command = newServerCommand(action, description)
      .argument("<pipeline...>")
      .addHelpText("after", examples(`sluice ${action} temperatures`));
    return defineCommand<[string[]], ServerOptions>(command, setExitCode, async (options, names) => {
      const client = await clientOf(options);
      return forEachName(names, async (name) => {
        const { desired, status } = (await client.request<Pipeline>("POST", `${pipelinePath(name)}/${action}`)).body;
        await print(`${name}: ${status.state}${status.state === desired ? "" : `, is to be ${desired}`}`);
      });
    });
  };
}

interface DropOptions extends ServerOptions {
  readonly keepState: boolean;
  readonly purge: boolean;
  readonly yes?: boolean;
}

export function dropCommand(setExitCode: SetExitCode): Command {
  const command = newServerCommand("drop", "ends pipelines for good; their positions and state are given up, what they wrote stays")
    .argument("<pipeline...>")
    .option("--keep-state", "positions and state stay for the next pipeline of that name", false)
    .addOption(new Option("--purge", "consumer group and index templates go as well").default(false).conflicts("keepState"))
    .option("--yes", "does not ask")
    .addHelpText(
      "after",
      examples("sluice drop temperatures", "sluice drop temperatures --keep-state --yes", "sluice drop temperatures --purge"),
    );
  return defineCommand<[string[]], DropOptions>(command, setExitCode, async ({ keepState, purge, yes, ...options }, names) => {
    const client = await clientOf(options);
    const what = keepState ? "" : purge ? " with all that was made for them" : " with positions and state";
    const question = `Drop ${counted(names.length, "pipeline")}${what}?`;
    if (yes !== true && !(await isAgreed(question))) return 1;
    return forEachName(names, async (name) => {
      await client.request("DELETE", `${pipelinePath(name)}?keepState=${keepState}&purge=${purge}`);
      await print(`${name}: dropped`);
    });
  });
}
