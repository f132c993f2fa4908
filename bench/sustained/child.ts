import { type ChildProcess, fork } from "node:child_process";
import { must } from "../../src/assert.ts";

export interface ChildOptions<Up> {
  /** For messages about it. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Options of node. */
  readonly execArgv?: readonly string[];
  readonly onMessage: (message: Up) => void;
}

/**
 * A process of the bench that speaks with this one by messages. Ctrl-C is this process' business alone; a child that has
 * lost its parent ends, and one that ends unasked makes `failed` reject.
 */
export class Child<Down extends object, Up extends object> {
  readonly pid: number;
  /** Never resolves; rejects when the process ends before `expectEnd`. */
  readonly failed: Promise<never>;
  readonly ended: Promise<number | null>;
  private readonly process: ChildProcess;
  private isEndExpected = false;

  constructor({ name, file, args, execArgv, onMessage }: ChildOptions<Up>) {
    this.process = fork(file, [...args], { execArgv: [...(execArgv ?? [])], serialization: "advanced", stdio: ["ignore", 1, 2, "ipc"] });
    this.pid = must(this.process.pid, `${name} has started`);
    const killed = (): void => void this.process.kill("SIGKILL");
    process.once("exit", killed);
    this.process.on("message", (message) => onMessage(message as Up));
    const failed = Promise.withResolvers<never>();
    this.failed = failed.promise;
    this.failed.catch(() => undefined);
    this.ended = new Promise((resolve) => {
      this.process.once("exit", (code, signal) => {
        process.off("exit", killed);
        if (!this.isEndExpected) failed.reject(new Error(`the ${name} ended too early: ${code ?? signal}`));
        resolve(code);
      });
    });
  }

  send(message: Down): void {
    if (this.process.connected) this.process.send(message);
  }

  expectEnd(): void {
    this.isEndExpected = true;
  }

  /** At once. */
  async kill(): Promise<void> {
    this.expectEnd();
    this.process.kill("SIGKILL");
    await this.ended;
  }
}

/** The child's side. */
export function serveParent<Down extends object, Up extends object>(
  onMessage: (message: Down) => Promise<void> | void,
): { send(message: Up): void } {
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(1));
  process.on("message", (message) => void onMessage(message as Down));
  return { send: (message) => void process.send?.(message) };
}
