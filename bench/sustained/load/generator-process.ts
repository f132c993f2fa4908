import { fileURLToPath } from "node:url";
import { Child } from "../child.ts";
import type { FromGenerator, GeneratorReport, GeneratorTotals, ToGenerator } from "./protocol.ts";

const FILE = fileURLToPath(new URL("./generator-main.ts", import.meta.url));

export interface Load {
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  readonly devices: number;
}

/** The generator, seen from the bench. */
export class GeneratorProcess {
  readonly child: Child<ToGenerator, FromGenerator>;
  /** Of the last second. */
  latest: GeneratorReport | null = null;
  private readonly ready = Promise.withResolvers<void>();
  private readonly stopped = Promise.withResolvers<GeneratorTotals>();
  private onReport: (report: GeneratorReport) => void = () => undefined;

  private constructor({ brokers, topic, partitions, devices }: Load) {
    const args = ["--brokers", brokers, "--topic", topic, "--partitions", String(partitions), "--devices", String(devices)];
    this.child = new Child({
      name: "generator",
      file: FILE,
      args,
      execArgv: (process.env["GEN_FLAGS"] ?? "").split(" ").filter(Boolean),
      onMessage: (message) => this.take(message),
    });
  }

  static async start(load: Load): Promise<GeneratorProcess> {
    const generator = new GeneratorProcess(load);
    await Promise.race([generator.ready.promise, generator.child.failed]);
    return generator;
  }

  setRate(recordsPerSecond: number): void {
    this.child.send({ kind: "rate", recordsPerSecond });
  }

  onReports(take: (report: GeneratorReport) => void): void {
    this.onReport = take;
  }

  /** When all that was sent is acknowledged. */
  async stop(): Promise<GeneratorTotals> {
    this.child.expectEnd();
    this.child.send({ kind: "stop" });
    const ended = this.child.ended.then(() => Promise.reject(new Error("the generator ended without its totals")));
    return Promise.race([this.stopped.promise, ended]);
  }

  private take(message: FromGenerator): void {
    switch (message.kind) {
      case "ready":
        this.ready.resolve();
        break;
      case "report":
        this.latest = message.report;
        this.onReport(message.report);
        break;
      case "stopped":
        this.stopped.resolve(message.totals);
        break;
    }
  }
}
