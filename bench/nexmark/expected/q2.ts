import type { Expected } from "./row.ts";

export const q2: Expected = ({ bids }) =>
  bids.filter(({ auction }) => auction % 123 === 0).map(({ auction, price }) => ({ auction, price }));
