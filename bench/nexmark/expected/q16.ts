import { ranks } from "./ranks.ts";
import { dayOf, type Expected, groupBy } from "./row.ts";

export const q16: Expected = ({ bids }) =>
  groupBy(bids, ({ channel, dateTime }) => `${channel} ${dayOf(dateTime)}`).map((own) => {
    const minutes = own.map(({ dateTime }) => new Date(dateTime).toISOString().slice(11, 16)).toSorted();
    const [{ channel, dateTime }] = own;
    return { channel, day: dayOf(dateTime), minute: minutes.at(-1) ?? "", ...ranks(own, ["bids", "bidders", "auctions"]) };
  });
