import { type Expected, groupBy, windowStart } from "./row.ts";

export const q7: Expected = ({ bids }) =>
  groupBy(bids, ({ dateTime }) => windowStart(dateTime, 10_000)).flatMap((window) => {
    const highest = window.reduce((most, { price }) => Math.max(most, price), 0);
    return window
      .filter(({ price }) => price === highest)
      .map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra }));
  });
