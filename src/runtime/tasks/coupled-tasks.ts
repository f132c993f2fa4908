import type { StatementTask } from "./statement-task.ts";

/**
 * The tasks of one partition whose statements wait for each other (`SET 'pace' = 'together'`). While one of them takes nothing more, none
 * is fed, whatever log they read; on one log nobody goes on before those that are behind have come up.
 */
export class CoupledTasks {
  private readonly members = new Set<StatementTask>();
  /** Those that will tell when they take something again: each once, however often it is asked for. */
  private readonly watched = new Set<StatementTask>();
  private readonly waiting = new Set<() => void>();

  /** Before any of them is fed. */
  add(task: StatementTask): void {
    if (this.includes(task)) this.members.add(task);
  }

  includes({ plan }: StatementTask): boolean {
    return plan.statement.settings.pace === "together";
  }

  /** Sleeps, which ends early when something may be otherwise. */
  async untilChange(sleep: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const change = new AbortController();
    const wake = (): void => change.abort();
    this.waiting.add(wake);
    await sleep(change.signal);
    this.waiting.delete(wake);
  }

  /** Something may be otherwise: one was fed, or has failed. */
  tell(): void {
    for (const wake of this.waiting) wake();
  }

  /** Whether one of them takes nothing more. One that has failed holds nobody up. */
  get isBlocked(): boolean {
    let any = false;
    for (const task of this.members) {
      if (task.failure !== null || !task.isBlocked) continue;
      any = true;
      this.watch(task);
    }
    return any;
  }

  private watch(task: StatementTask): void {
    if (this.watched.has(task)) return;
    this.watched.add(task);
    task.onChange(() => {
      this.watched.delete(task);
      this.tell();
    });
  }
}
