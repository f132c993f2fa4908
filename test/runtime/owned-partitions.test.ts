import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { must } from "../../src/assert.ts";
import { OwnedPartitions } from "../../src/runtime/owners/owned-partitions.ts";
import type { PartitionOwner } from "../../src/runtime/owners/partition-owner.ts";
import { until } from "../support/until.ts";

/** An owner that opens when it is told to, and what was done with it. */
class Owner {
  readonly feeds = [];
  readonly tasks = [];
  readonly done: string[] = [];
  readonly opened = Promise.withResolvers<void>();

  open(): Promise<void> {
    return this.opened.promise;
  }

  start(): void {
    this.done.push("started");
  }

  giveUp(): void {
    this.done.push("given up");
  }

  hurry(): void {
    this.done.push("hurried");
  }

  abandon(): void {
    this.done.push("abandoned");
  }

  async drain(): Promise<void> {
    this.done.push("drained");
  }
}

function begun(): { readonly owned: OwnedPartitions; readonly owners: readonly Owner[] } {
  const owners: Owner[] = [];
  const newOwner = (): PartitionOwner => {
    const owner = new Owner();
    owners.push(owner);
    return owner as unknown as PartitionOwner;
  };
  return { owned: new OwnedPartitions({ clock: systemClock, newOwner, onOpened: () => {}, onFailed: () => {} }), owners };
}

describe("a partition that is revoked while it opens", () => {
  it("is opened anew where it is assigned again before that has come to an end", async () => {
    const { owned, owners } = begun();
    owned.take(0);
    const released = owned.release([0], "asked");
    owned.take(0);
    expect(owners).toHaveLength(1);
    expect(owned.isOpening).toBe(true);
    must(owners[0]).opened.resolve();
    await released;
    expect(must(owners[0]).done).toEqual(["given up", "started", "drained", "abandoned"]);
    expect(owners).toHaveLength(2);
    must(owners[1]).opened.resolve();
    await until(() => must(owners[1]).done.includes("started"), "the second owner");
  });

  it("stays given up where it is revoked once more, or the pipeline stops", async () => {
    for (const end of ["revoked", "stopped"] as const) {
      const { owned, owners } = begun();
      owned.take(0);
      const released = owned.release([0], "asked");
      owned.take(0);
      const ended = end === "revoked" ? owned.release([0], "asked") : owned.drain(new AbortController().signal);
      must(owners[0]).opened.resolve();
      await Promise.all([released, ended]);
      expect(owners).toHaveLength(1);
      expect(owned.isOpening).toBe(false);
    }
  });
});
