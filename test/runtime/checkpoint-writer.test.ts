import { describe, expect, it } from "vitest";
import { SluiceError } from "../../src/errors.ts";
import { CheckpointWriter } from "../../src/runtime/owners/checkpoint-writer.ts";
import { Journal } from "../../src/state/journal/journal.ts";
import { MemoryStateLog } from "../state/journal/memory-state-log.ts";
import { blob, summary } from "../state/journal/samples.ts";

describe("checkpoints", () => {
  it("end with the first one that could not be written: a later delta would leave out what was between", async () => {
    const kept = new MemoryStateLog("checked");
    let isBroken = false;
    kept.beforeAppend = () => {
      if (isBroken) throw new SluiceError("CONNECTION_FAILED", "no answer");
    };
    const failures: string[] = [];
    const durable: number[] = [];
    const writer = new CheckpointWriter(await Journal.open(kept, 0, "a"), ({ code }) => failures.push(code));
    const append = (statement: string, kind: "snapshot" | "delta", cursor: number): void =>
      writer.append(blob(statement, kind, cursor, `${kind}${cursor}`), () => durable.push(cursor));
    append("s", "snapshot", 1);
    append("other", "snapshot", 1);
    await writer.settled();
    isBroken = true;
    append("other", "delta", 2);
    await Promise.resolve();
    // Waits for its turn when the one before it fails.
    append("s", "delta", 2);
    await writer.settled();
    isBroken = false;
    append("s", "delta", 3);
    await writer.settled();
    expect(failures).toEqual(["CONNECTION_FAILED"]);
    expect(durable).toEqual([1, 1]);
    expect(summary(await Journal.open(kept, 0, "b"))).toEqual({ s: [1, "snapshot1"], other: [1, "snapshot1"] });
  });
});
