import type { Expected } from "./row.ts";

export const q0: Expected = ({ bids }) =>
  bids.map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra }));
