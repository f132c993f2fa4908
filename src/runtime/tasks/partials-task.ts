import type { CompiledStatement } from "../../plan/code/compile-statement.ts";
import { Cell } from "../../plan/code/task.ts";
import { writePartial, writeStreamTime } from "../../state/partial-record.ts";
import type { PartialState } from "../../state/partial-state.ts";
import type { WindowSlot } from "../../state/window-slot.ts";
import { StatementTask } from "./statement-task.ts";
import type { StatementTaskOptions } from "./task-options.ts";

/**
 * The first stage of a statement that is repartitioned, on one partition of its source: what has changed goes to the internal topic at
 * barriers and when windows close, each group as the whole of what it has. Behind it, all partitions there are told the stream time.
 */
export class PartialsTask extends StatementTask {
  private readonly partials: PartialState;
  private readonly partitions: number;
  /** That the second stage was told of. */
  private toldMs = Number.NaN;

  constructor(options: StatementTaskOptions, partials: PartialState, partitions: number) {
    super({ ...options, state: partials, emitAtEnd: false, compiled: { ...options.compiled, emit: partialsOf(options, partials) } });
    this.partials = partials;
    this.partitions = partitions;
  }

  /** Also where it has no groups: those of other partitions wait for it. */
  override wouldClose(wallMs: number, idleMs: number): boolean {
    return this.failure === null && this.partials.passesWindow(this.streamTimeMs, this.idleTimeMs(wallMs, idleMs));
  }

  /** A partition without records is where its silence began. */
  protected override idleTimeMs(wallMs: number, idleMs: number): number {
    return this.streamTimeMs === Number.NEGATIVE_INFINITY ? wallMs - idleMs : super.idleTimeMs(wallMs, idleMs);
  }

  protected override beforeBarrier(): void {
    const { streamTimeMs, out, partition, partitions } = this;
    if (streamTimeMs === this.toldMs || streamTimeMs === Number.NEGATIVE_INFINITY) return;
    this.toldMs = streamTimeMs;
    for (let to = 0; to < partitions; to++) {
      writeStreamTime(out.writer, partition, streamTimeMs);
      out.beginId();
      out.writer.ascii(`time ${partition}`);
      // Records without a key go where their place says.
      out.addUpsert(this.options.clock.value, this.options.route.clock.now(), 0, to, null);
    }
  }
}

/** In place of results. */
function partialsOf({ partition: source, route }: StatementTaskOptions, state: PartialState): NonNullable<CompiledStatement["emit"]> {
  return (slot, group, { out }) => {
    const pane = slot as WindowSlot;
    const place = { source, startMs: pane.startMs, since: state.sinceOf(pane) };
    writePartial(out.writer, place, pane, group, state.stride);
    out.beginId();
    out.writer.ascii(`${source} ${place.startMs} ${place.since.endMs} `);
    out.beginKey();
    state.keys.writeText(pane.keys[group] as number, out.writer);
    out.addUpsert(pane.cell(group, Cell.version), route.clock.now(), pane.cell(group, Cell.offset), 0, null);
    return null;
  };
}
