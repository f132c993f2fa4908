import { type Expected, groupBy } from "./row.ts";
import { validBids } from "./valid-bids.ts";

export const q4: Expected = (events) =>
  groupBy(validBids(events), ({ auction }) => auction.category).map((group) => {
    const highest = group.map(({ valid }) => Math.max(...valid.map(({ price }) => price)));
    return { category: group[0].auction.category, average: highest.reduce((sum, price) => sum + price, 0) / highest.length };
  });
