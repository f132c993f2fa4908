import type { Expected } from "./row.ts";

export const q1: Expected = ({ bids }) =>
  bids.map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price: 0.908 * price, dateTime, extra }));
