import { type Expected, groupBy } from "./row.ts";

export const q19: Expected = ({ bids }) =>
  groupBy(bids, ({ auction }) => auction).flatMap((own) =>
    own
      .toSorted((a, b) => b.price - a.price || a.dateTime - b.dateTime || a.bidder - b.bidder)
      .slice(0, 10)
      .map(({ auction, bidder, price, channel, url, dateTime, extra }, index) => {
        return { auction, place: index + 1, bidder, price, channel, url, dateTime, extra };
      }),
  );
