import { ranks } from "./ranks.ts";
import { dayOf, type Expected, groupBy } from "./row.ts";

export const q17: Expected = ({ bids }) =>
  groupBy(bids, ({ auction, dateTime }) => `${auction} ${dayOf(dateTime)}`).map((own) => {
    const prices = own.map(({ price }) => price);
    const total = prices.reduce((sum, price) => sum + price, 0);
    const [{ auction, dateTime }] = own;
    const statistics = { lowest: Math.min(...prices), highest: Math.max(...prices), average: total / own.length, total };
    return { auction, day: dayOf(dateTime), ...ranks(own, ["bids"]), ...statistics };
  });
