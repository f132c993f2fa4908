import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import { allPipelines } from "../client/pipelines.ts";
import type { RestClient } from "../client/rest-client.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { defineCommand, examples, type SetExitCode, wholeNumber } from "./command.ts";
import { counted, grouped, print } from "./output.ts";
import { clientOf, newServerCommand, type ServerOptions } from "./server-command.ts";
import { COLUMNS, type Sorting, type TopRow, topLines, topRow } from "./top/top-rows.ts";
import { TopScreen } from "./top/top-screen.ts";

interface TopOptions extends ServerOptions {
  readonly interval: number;
  readonly count?: number;
}

const HELP = "sort by p pipeline, s state, m messages, l lag, t late, d dead letters, w watermark; r reverses, q leaves";

export function topCommand(setExitCode: SetExitCode): Command {
  const command = newServerCommand("top", "the pipelines of a server as they run: messages, lag, late records, dead letters, watermarks")
    .option("--interval <seconds>", "how often it is looked", seconds, 2)
    .option("--count <number>", "how often in all (default: without end on a terminal, else once)", wholeNumber)
    .addHelpText("after", `\nOn a terminal: ${HELP}.\n${examples("sluice top", "sluice top --count 10 --interval 5 > top.txt")}`);
  return defineCommand<[], TopOptions>(command, setExitCode, async ({ interval, count, ...options }) => {
    const client = await clientOf(options);
    // Before the screen is taken, so that what is wrong is said where it stays.
    const rows = await rowsOf(client);
    if (process.stdout.isTTY && process.stdin.isTTY) await live(client, rows, interval * 1000, count ?? Number.POSITIVE_INFINITY);
    else await plain(client, rows, interval * 1000, count ?? 1);
    return 0;
  });
}

async function rowsOf(client: RestClient): Promise<readonly TopRow[]> {
  return (await allPipelines(client)).map(topRow);
}

async function plain(client: RestClient, first: readonly TopRow[], intervalMs: number, count: number): Promise<void> {
  let rows = first;
  for (let frame = 1; ; frame++) {
    await print([headline(client, rows), ...topLines(rows, { key: "p", isReversed: false })].join("\n"));
    if (frame >= count) return;
    await sleep(intervalMs);
    rows = await rowsOf(client);
    await print("");
  }
}

async function live(client: RestClient, first: readonly TopRow[], intervalMs: number, count: number): Promise<void> {
  const over = new AbortController();
  let rows = first;
  let sorting: Sorting = { key: "m", isReversed: false };
  let trouble: string | null = null;
  const draw = (): void => screen.draw([trouble ?? headline(client, rows), "", ...topLines(rows, sorting), "", HELP]);
  const screen = new TopScreen((key) => {
    if (key === "q" || key === CTRL_C) over.abort();
    else if (key === "r") sorting = { ...sorting, isReversed: !sorting.isReversed };
    else if (COLUMNS.some((column) => column.key === key)) sorting = { key, isReversed: false };
    draw();
  }, draw);
  try {
    for (let frame = 1; ; frame++) {
      draw();
      if (frame >= count) return;
      await sleep(intervalMs, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      [rows, trouble] = await rowsOf(client).then(
        (found) => [found, null] as const,
        (error: unknown) => [rows, `${asSluiceError(error).message}; looking for it again`] as const,
      );
    }
  } finally {
    screen.close();
  }
}

const CTRL_C = "\u0003";

function headline({ url }: RestClient, rows: readonly TopRow[]): string {
  const perSecond = rows.reduce((total, { messagesPerSecond }) => total + messagesPerSecond, 0);
  const failed = rows.filter(({ state }) => state.includes("failed")).length;
  const sums = `${counted(rows.length, "pipeline")}, ${grouped(failed)} with failures, ${grouped(perSecond)} messages/s`;
  return `${url}, ${new Date().toISOString()}: ${sums}`;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 3_600)) throw new InvalidArgumentError("Seconds are a number from 0.1 to 3600.");
  return value;
}
