import type { Bid } from "../events.ts";
import type { Expected } from "./row.ts";
import { validBids } from "./valid-bids.ts";

export const q9: Expected = (events) =>
  validBids(events).map(({ auction: { id, itemName, seller, category, expires }, valid }) => {
    const { bidder, price, dateTime } = valid.reduce((best, bid) => (isBetter(bid, best) ? bid : best));
    return { id, itemName, seller, category, expires, bidder, price, dateTime };
  });

function isBetter(bid: Bid, other: Bid): boolean {
  if (bid.price !== other.price) return bid.price > other.price;
  return bid.dateTime === other.dateTime ? bid.bidder < other.bidder : bid.dateTime < other.dateTime;
}
