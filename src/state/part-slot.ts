import { WindowSlot } from "./window-slot.ts";

/** The groups of one pane that one partition of the source has told of. */
export class PartSlot extends WindowSlot {
  private told = new Float64Array(0);

  override get byteLength(): number {
    return super.byteLength + this.told.byteLength;
  }

  /** The last offset of the source's partition that a group holds; -1: it holds none yet. */
  toldOf(group: number): number {
    return this.told[group] ?? -1;
  }

  tell(group: number, offset: number): void {
    if (group >= this.told.length) {
      const larger = new Float64Array(Math.max(this.keys.length, group + 1)).fill(-1);
      larger.set(this.told);
      this.told = larger;
    }
    this.told[group] = offset;
  }
}
