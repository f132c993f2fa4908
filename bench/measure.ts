import { spawn } from "node:child_process";
import type { Broker } from "./broker.ts";
import { guarded } from "./child.ts";
import { cpuSeconds, endedChildrenCpuSeconds, machineCpuSeconds, peakRssMb, readBytes } from "./proc.ts";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** A line on standard error after which the work itself begins. */
  readonly workBegins?: RegExp;
}

/** What a process cost; null where the system does not tell. */
export interface Usage {
  /** From its start to its end. */
  readonly processSeconds: number;
  /** Of the whole process, its start included. */
  readonly cpuSeconds: number | null;
  /** What it had used when its work began. */
  readonly startCpuSeconds: number | null;
  readonly peakRssMb: number | null;
  readonly brokerCpuSeconds: number | null;
  /** Read by the process from sockets and files: what the broker sent it, and a few megabytes of code. */
  readonly bytesIn: number | null;
  /** Cores used by anything but the process and the broker. */
  readonly otherCores: number | null;
}

export interface Measured extends Usage {
  readonly stdout: string;
}

const LIMIT_MS = 900_000;
const WATCH_INTERVAL_MS = 25;
const ERROR_CHARACTERS = 3_000;

/** Runs a program to its end; rejects where it fails. Only one at a time. */
export async function measure(command: Command, broker: Broker | null): Promise<Measured> {
  const before = gauges(broker);
  const began = performance.now();
  const ended = await run(command);
  const processSeconds = (performance.now() - began) / 1000;
  const after = gauges(broker);
  const spent = (name: keyof Gauges): number | null => {
    const [from, to] = [before[name], after[name]];
    return from === null || to === null ? null : to - from;
  };
  const [cpu, brokerCpu, machine] = [spent("childrenCpu"), spent("brokerCpu"), spent("machineCpu")];
  return {
    stdout: ended.stdout,
    processSeconds,
    cpuSeconds: cpu,
    startCpuSeconds: ended.startCpuSeconds,
    peakRssMb: ended.peakRssMb,
    brokerCpuSeconds: brokerCpu,
    bytesIn: ended.bytesIn,
    otherCores: cpu === null || machine === null ? null : Math.max(machine - cpu - (brokerCpu ?? 0), 0) / processSeconds,
  };
}

type Gauges = ReturnType<typeof gauges>;

function gauges(broker: Broker | null) {
  const pid = broker?.pid ?? null;
  return {
    childrenCpu: endedChildrenCpuSeconds(),
    machineCpu: machineCpuSeconds(),
    brokerCpu: pid === null ? null : cpuSeconds(pid),
  };
}

interface Ended {
  readonly stdout: string;
  readonly startCpuSeconds: number | null;
  readonly peakRssMb: number | null;
  readonly bytesIn: number | null;
}

async function run({ program, args, cwd, workBegins }: Command): Promise<Ended> {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const pid = child.pid ?? -1;
  let stdout = "";
  let stderr = "";
  let startCpuSeconds: number | null = null;
  let peak: number | null = null;
  let bytesIn: number | null = null;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    if (startCpuSeconds === null && workBegins?.test(stderr)) startCpuSeconds = cpuSeconds(pid);
  });
  const watch = setInterval(() => {
    peak = peakRssMb(pid) ?? peak;
    bytesIn = readBytes(pid) ?? bytesIn;
  }, WATCH_INTERVAL_MS);
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const ended = (): Promise<number | string | null> =>
    new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? signal));
    });
  try {
    const result = await guarded(child, ended);
    if (result === 0) return { stdout, startCpuSeconds, peakRssMb: peak, bytesIn };
    throw new Error(`ended with ${result}\n${`${stdout}\n${stderr}`.slice(-ERROR_CHARACTERS)}`);
  } finally {
    clearInterval(watch);
    clearTimeout(limit);
  }
}
