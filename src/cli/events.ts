import type { Command } from "commander";
import { followEvents } from "../client/follow-events.ts";
import { pipelinePath } from "../client/pipelines.ts";
import type { RestClient } from "../client/rest-client.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { eventText } from "./event-text.ts";
import { INTERRUPTED, onInterruption } from "./interruption.ts";
import { print, say } from "./output.ts";
import { clientOf, newShowCommand, type ShowOptions } from "./server-command.ts";

interface EventOptions extends ShowOptions {
  readonly follow?: boolean;
}

const FOLLOW = "goes on until Ctrl-C, over restarts of the server too";

export function eventsCommand(setExitCode: SetExitCode): Command {
  const command = newShowCommand("events", "what happened to the pipelines of a server, as far as it is kept")
    .option("-f, --follow", FOLLOW)
    .addHelpText("after", examples("sluice events", "sluice events --follow --output json"));
  return defineCommand<[], EventOptions>(command, setExitCode, async (options) => show(await clientOf(options), "", options));
}

export function logsCommand(setExitCode: SetExitCode): Command {
  const command = newShowCommand("logs", "what happened to one pipeline, as far as it is kept: changes, states, failures, skipped records")
    .argument("<pipeline>")
    .option("-f, --follow", FOLLOW)
    .addHelpText("after", examples("sluice logs temperatures", "sluice logs temperatures --follow"));
  return defineCommand<[string], EventOptions>(command, setExitCode, async (options, name) => {
    const client = await clientOf(options);
    await client.request("GET", pipelinePath(name));
    return show(client, `&pipeline=${encodeURIComponent(name)}`, options);
  });
}

async function show(client: RestClient, chosen: string, { follow = false, output }: EventOptions): Promise<number> {
  const over = new AbortController();
  const interruption = onInterruption(
    () => over.abort(),
    () => {},
  );
  const path = `/v1/events?from=earliest&follow=${follow}${chosen}`;
  const lost = (): void => void say(`${client.url} is gone; looking for it again`);
  try {
    for await (const event of follow ? followEvents(client, path, over.signal, lost) : client.events(path, null, over.signal)) {
      const { kind, id, data } = event;
      await print(output === "json" ? JSON.stringify({ id, kind, ...(data as object) }) : eventText(process.stdout, event));
    }
  } finally {
    interruption.dispose();
  }
  return interruption.happened() ? INTERRUPTED : 0;
}
