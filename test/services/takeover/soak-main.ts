import { ensure, release } from "../launcher/launcher.ts";
import { runTakeover } from "./takeover-run.ts";

/** How much longer than the session time-out it may take. */
const BEYOND_SESSION_SECONDS = 5;

/**
 * Two servers share four partitions with `GROUPS` open windows (1,000,000); one is killed. Prints how long it took until the other had all
 * of them with their state, and how fast state is restored; exits with 1 where that took longer than the session time-out (`SESSION` ms,
 * 6000) and five seconds, or a result is not as a plain count makes it.
 */
async function soak(): Promise<number> {
  const given = (name: string, initially: number): number => Number(process.env[name] ?? initially);
  const address = process.env["SLUICE_TEST_KAFKA"] ?? (await ensure("kafka")).address;
  const groups = given("GROUPS", 1_000_000);
  const sessionTimeoutMs = given("SESSION", 6_000);
  const tell = (text: string): void => void process.stdout.write(`${text}\n`);
  const report = await runTakeover({ brokers: address.split(","), groups, sessionTimeoutMs, tell });
  if (process.env["SLUICE_TEST_KAFKA"] === undefined) await release("kafka");
  const { takeoverSeconds, rate, results, repeatedResults, wrong } = report;
  const limit = sessionTimeoutMs / 1000 + BEYOND_SESSION_SECONDS;
  const perSecond = (count: number, seconds: number): string => Math.round(count / seconds).toLocaleString("en");
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  const { seconds, readSeconds, fileSeconds } = rate;
  tell(`all four partitions with ${groups} groups after ${takeoverSeconds.toFixed(1)} s; limit ${limit} s`);
  tell(`back after ${report.joinSeconds.toFixed(1)} s; ${report.kept} of four partitions stayed where they were, with their state`);
  tell(`restored from the log: ${megabytes(rate.bytes)} in ${seconds.toFixed(2)} s, of which ${readSeconds.toFixed(2)} s are reading`);
  tell(`(from a local file ${fileSeconds.toFixed(2)} s):`);
  tell(`${perSecond(groups, seconds)} groups a second`);
  tell(`${results} results, ${repeatedResults} of them twice; ${wrong.length === 0 ? "as a plain count makes them" : wrong.join("\n")}`);
  return wrong.length === 0 && takeoverSeconds <= limit ? 0 : 1;
}

process.exitCode = await soak();
