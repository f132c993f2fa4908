import { type Expected, groupBy, windowStart } from "./row.ts";

const SIZE_MS = 10_000;
const ADVANCE_MS = 2_000;

export const q5: Expected = ({ bids }) => {
  const placed = bids.flatMap(({ auction, dateTime }) => {
    const last = windowStart(dateTime, ADVANCE_MS);
    return Array.from({ length: SIZE_MS / ADVANCE_MS }, (_, before) => ({ auction, start: last - before * ADVANCE_MS }));
  });
  return groupBy(placed, ({ start }) => start).flatMap((window) => {
    const counts = groupBy(window, ({ auction }) => auction);
    const most = Math.max(...counts.map(({ length }) => length));
    return counts
      .filter(({ length }) => length === most)
      .map(([{ auction, start }]) => ({ auction, window_start: start, window_end: start + SIZE_MS, bids: most }));
  });
};
