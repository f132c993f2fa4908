import { ranks } from "./ranks.ts";
import { dayOf, type Expected, groupBy } from "./row.ts";

export const q15: Expected = ({ bids }) =>
  groupBy(bids, ({ dateTime }) => dayOf(dateTime)).map((own) => ({
    day: dayOf(own[0].dateTime),
    ...ranks(own, ["bids", "bidders", "auctions"]),
  }));
