import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RawRecord } from "../../src/ports/source.ts";
import type { EventKind, NexmarkEvent } from "./events.ts";

/**
 * The key of a record says which partition it is in, and so what a query finds together there. `items`: bids lie with their
 * auction. `people`: bids lie with their bidder and auctions with their seller. `single`: one partition has everything.
 */
export const LAYOUTS = ["items", "people", "single"] as const;
export type Layout = (typeof LAYOUTS)[number];

export const STREAMS = { person: "persons", auction: "auctions", bid: "bids" } as const satisfies Record<EventKind, string>;

export const partitionsOf = (layout: Layout, partitions: number): number => (layout === "single" ? 1 : partitions);

export function recordOf(event: NexmarkEvent, layout: Layout): RawRecord {
  const { kind: _, ...document } = event;
  return { key: Buffer.from(String(keyOf(event, layout))), value: Buffer.from(JSON.stringify(document)), timestampMs: event.dateTime };
}

function keyOf(event: NexmarkEvent, layout: Layout): number {
  const isOfPeople = layout === "people";
  switch (event.kind) {
    case "person":
      return event.id;
    case "auction":
      return isOfPeople ? event.seller : event.id;
    case "bid":
      return isOfPeople ? event.bidder : event.auction;
  }
}

/** The declarations of the streams, on topics with a prefix. */
export function catalogText(layout: Layout, partitions: number, prefix = ""): string {
  const isOfPeople = layout === "people";
  return readFileSync(join(import.meta.dirname, "catalog.sql"), "utf8")
    .replaceAll(/topic = '(\w+)'/g, `topic = '${prefix}$1'`)
    .replaceAll(/partitions = \d+/g, `partitions = ${partitionsOf(layout, partitions)}`)
    .replace("key = 'auction'", isOfPeople ? "key = 'bidder'" : "key = 'auction'")
    .replace("auctions', key = 'id'", isOfPeople ? "auctions', key = 'seller'" : "auctions', key = 'id'");
}
