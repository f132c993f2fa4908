import type { Auction, Bid, NexmarkEvents } from "../events.ts";
import { groupBy } from "./row.ts";

/** The auctions that have bids of their time, with those. */
export function validBids({
  auctions,
  bids,
}: NexmarkEvents): readonly { readonly auction: Auction; readonly valid: readonly [Bid, ...Bid[]] }[] {
  const byAuction = new Map(groupBy(bids, ({ auction }) => auction).map((group) => [group[0].auction, group]));
  return auctions.flatMap((auction) => {
    const [first, ...others] = (byAuction.get(auction.id) ?? []).filter(
      ({ dateTime }) => dateTime >= auction.dateTime && dateTime <= auction.expires,
    );
    return first === undefined ? [] : [{ auction, valid: [first, ...others] as const }];
  });
}
