import { type Expected, groupBy } from "./row.ts";

export const q18: Expected = ({ bids }) =>
  groupBy(bids, ({ auction, bidder }) => `${auction} ${bidder}`).map((own) => {
    const last = own.reduce((latest, bid) => {
      const isLater = bid.dateTime === latest.dateTime ? bid.price > latest.price : bid.dateTime > latest.dateTime;
      return isLater ? bid : latest;
    });
    const { auction, bidder, price, channel, url, dateTime, extra } = last;
    return { auction, bidder, price, channel, url, dateTime, extra };
  });
