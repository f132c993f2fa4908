import type { Bid } from "../events.ts";
import type { Row } from "./row.ts";

type Name = "bids" | "bidders" | "auctions";

/** Bids, bidders and auctions by the ranks of their prices. */
export function ranks(bids: readonly Bid[], names: readonly Name[]): Row {
  const members: Record<Name, (bid: Bid, place: number) => number> = {
    bids: (_, place) => place,
    bidders: ({ bidder }) => bidder,
    auctions: ({ auction }) => auction,
  };
  const row: Record<string, number> = {};
  for (const name of names) {
    const distinct = (keeps: (rank: number) => boolean): number =>
      new Set(bids.flatMap((bid, place) => (keeps(rankOf(bid)) ? [members[name](bid, place)] : []))).size;
    row[name] = distinct(() => true);
    for (const rank of [1, 2, 3]) row[`${name}${rank}`] = distinct((own) => own === rank);
  }
  return row;
}

function rankOf({ price }: Bid): number {
  if (price < 10_000) return 1;
  return price < 1_000_000 ? 2 : 3;
}
