import { ensure, release } from "../launcher/launcher.ts";
import { BAD, type IsolationReport, runIsolation } from "./isolation-run.ts";
import { isFlatAgain, type PhaseLag } from "./lag-samples.ts";

/**
 * Ten pipelines at `RATE` messages a second each (5000), of which one leaks memory, one loops without end and one throws. `BEFORE` and
 * `AFTER` seconds (30) of measuring, `SILENT` seconds until the watchdog ends the thread that loops (10), `HEAP` MB (128). Prints the lag
 * of the others before, during and after; exits with 1 where something is wrong or the lag is not flat again.
 */
async function soak(): Promise<number> {
  const given = (name: string, initially: number): number => Number(process.env[name] ?? initially);
  const address = process.env["SLUICE_TEST_KAFKA"] ?? (await ensure("kafka")).address;
  const report = await runIsolation({
    brokers: address.split(","),
    rate: given("RATE", 5000),
    beforeMs: given("BEFORE", 30) * 1000,
    afterMs: given("AFTER", 30) * 1000,
    silentMs: given("SILENT", 10) * 1000,
    heapMb: given("HEAP", 128),
    leakBytes: given("LEAK", 2000),
    tell: (text) => process.stdout.write(`${text}\n`),
  });
  if (process.env["SLUICE_TEST_KAFKA"] === undefined) await release("kafka");
  print(report);
  // Measured: a 95th percentile of 0.024 to 0.027 s; ten times that is none of the seconds that a thread in a loop would cost.
  return report.wrong.length === 0 && isFlatAgain(report.before, report.after, 2, 0.25) ? 0 : 1;
}

function print({ before, during, after, produced, wrong, bad }: IsolationReport): void {
  const line = (name: string, lag: PhaseLag): string => {
    const ratio = (value: number, to: number): string => `${value.toFixed(3)} s (× ${(value / to).toFixed(2)})`;
    const { median, p95, max, samples } = lag;
    return `${name.padEnd(7)} median ${ratio(median, before.median)}, 95 % ${ratio(p95, before.p95)}, most ${max.toFixed(3)} s, ${samples} samples`;
  };
  const lines = [
    `${produced} records; lag of the seven that do no harm, and its ratio to that before:`,
    line("before", before),
    line("during", during),
    line("after", after),
    ...BAD.map(
      (name) =>
        `${name}: started again ${bad[name].restarts} times; ${bad[name].failures.at(-1)?.message}; ${bad[name].failures.at(-1)?.hint}`,
    ),
    wrong.length === 0 ? "every record once, also of those that were mended" : wrong.join("\n"),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

process.exitCode = await soak();
