import type { Expected } from "./row.ts";

export const q20: Expected = ({ auctions, bids }) => {
  const known = new Map(auctions.map((auction) => [auction.id, auction]));
  return bids.flatMap(({ auction, bidder, price, channel, url, dateTime, extra }) => {
    const of = known.get(auction);
    if (of?.category !== 10) return [];
    const { itemName, description, initialBid, reserve, expires, seller, category } = of;
    const own = { itemName, description, initialBid, reserve, auctionTime: of.dateTime, expires, seller, category, auctionExtra: of.extra };
    return [{ auction, bidder, price, channel, url, bidTime: dateTime, bidExtra: extra, ...own }];
  });
};
