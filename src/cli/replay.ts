import type { Command } from "commander";
import { pipelinePath } from "../client/pipelines.ts";
import { SluiceError } from "../errors.ts";
import type { Pipeline } from "../server/schemas.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";
import { clientOf, newServerCommand, type ServerOptions } from "./server-command.ts";

interface ReplayOptions extends ServerOptions {
  readonly from: string;
  readonly statement?: readonly string[];
}

export function replayCommand(setExitCode: SetExitCode): Command {
  const command = newServerCommand("replay", "makes a pipeline begin anew somewhere else in its topics, with an empty state")
    .argument("<pipeline>")
    .requiredOption("--from <place>", "earliest, a time in ISO 8601, or offsets by partition: 0:1200,1:800")
    .option("--statement <name...>", "only these of its statements")
    .addHelpText(
      "after",
      examples(
        "sluice replay temperatures --from earliest",
        "sluice replay temperatures --from 2026-11-01T00:00:00Z",
        "sluice replay temperatures --from 0:1200,1:800 --statement temperatures#2",
      ),
    );
  return defineCommand<[string], ReplayOptions>(command, setExitCode, async ({ from, statement, ...options }, name) => {
    const client = await clientOf(options);
    const body = { from: placeOf(from), ...(statement === undefined ? {} : { statements: statement }) };
    const { desired } = (await client.request<Pipeline>("POST", `${pipelinePath(name)}/replay`, body)).body;
    await print(`${name}: begins at ${from}${desired === "paused" ? ", once it is resumed" : ""}`);
    return 0;
  });
}

/** Throws USAGE. */
function placeOf(text: string): string | { readonly offsets: Readonly<Record<string, number>> } {
  if (/^\d+$/.test(text)) {
    throw new SluiceError("USAGE", `--from ${text}: of which partition?`, { hint: `0:${text} is that offset of partition 0` });
  }
  if (!/^\d+:\d+(,\d+:\d+)*$/.test(text)) return text;
  return {
    offsets: Object.fromEntries(
      text
        .split(",")
        .map((part) => part.split(":"))
        .map(([partition, offset]) => [partition, Number(offset)]),
    ),
  };
}
