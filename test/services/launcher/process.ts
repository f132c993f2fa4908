import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";

export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** A process that outlives us, told apart from later processes with the same number by its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

/** Runs a program to its end; rejects with what it printed when it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new Error(`${program} ended with ${code ?? signal}\n${stdout}${stderr}`));
    });
  });
}

/** Starts a program in a process group of its own, so that Ctrl-C does not reach it, with its output in `log`. */
export async function spawnDetached(command: ChildCommand, directory: string, log: string): Promise<ProcessIdentity> {
  const file = openSync(log, "a");
  try {
    writeSync(file, `---- start ${new Date().toISOString()}\n`);
    const child = spawn(command.program, command.args, { cwd: directory, detached: true, stdio: ["ignore", file, file] });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    return identityOf(child.pid as number);
  } finally {
    closeSync(file);
  }
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTicks: startTicksOf(pid) ?? "" };
}

export const ownIdentity = (): ProcessIdentity => identityOf(process.pid);

export function isAlive(identity: ProcessIdentity): boolean {
  return startTicksOf(identity.pid) === identity.startTicks;
}

/** SIGKILL goes to the whole process group, SIGTERM to the service alone. */
export function signalProcess({ pid }: ProcessIdentity, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(signal === "SIGKILL" ? -pid : pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** When the process began, in clock ticks since boot; null when there is none. Without /proc the number alone must do. */
function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A killed process is gone only when its other threads are: until then they hold its ports.
    if (fields[0] === "Z" && readdirSync(`/proc/${pid}/task`).length <= 1) return null;
    return fields[19] ?? null;
  } catch {
    if (process.platform === "linux") return null;
  }
  try {
    process.kill(pid, 0);
    return "unknown";
  } catch {
    return null;
  }
}
