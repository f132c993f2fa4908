import { sideInput } from "../side-inputs.ts";
import type { Expected } from "./row.ts";

export const q13: Expected = ({ bids }) =>
  bids.map(({ auction, bidder, price, dateTime }) => ({ auction, bidder, price, dateTime, value: sideInput(auction % 10_000) }));
