import type { Command } from "commander";
import { allPipelines } from "../client/pipelines.ts";
import type { Pipeline } from "../server/schemas.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";
import { RowsOutput } from "./rows-output.ts";
import { clientOf, newShowCommand, type ShowOptions } from "./server-command.ts";
import { stateText } from "./state-text.ts";

export function listCommand(setExitCode: SetExitCode): Command {
  const command = newShowCommand("list", "the pipelines of a server, and how they stand").addHelpText(
    "after",
    examples("sluice list", "sluice list --server https://ada@sluice.example --output json"),
  );
  return defineCommand<[], ShowOptions>(command, setExitCode, async (options) => {
    const pipelines = await allPipelines(await clientOf(options));
    if (options.output === "json") {
      await print(JSON.stringify(pipelines, null, 2));
      return 0;
    }
    const output = new RowsOutput(process.stdout, "table", { expanded: "off" });
    await output.write(pipelines.map((pipeline) => JSON.stringify(rowOf(pipeline))));
    await output.close();
    return 0;
  });
}

function rowOf({ name, status }: Pipeline) {
  const { state, since, messagesPerSecond, statements, waitingFor, failures } = status;
  return {
    name,
    state: stateText(status),
    since,
    statements: statements.length,
    "messages/s": messagesPerSecond,
    lag: statements.reduce((total, { lag }) => total + lag, 0),
    about: state === "waiting" ? `waits for ${waitingFor.join(", ")}` : (failures.at(-1)?.message ?? ""),
  };
}
