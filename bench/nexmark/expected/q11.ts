import { type Expected, groupBy, type Row } from "./row.ts";

const GAP_MS = 10_000;

export const q11: Expected = ({ bids }) =>
  groupBy(bids, ({ bidder }) => bidder).flatMap((own) =>
    sessions(
      own[0].bidder,
      own.map(({ dateTime }) => dateTime),
    ),
  );

function sessions(bidder: number, timesMs: readonly number[]): readonly Row[] {
  const sessions: { start: number; last: number; bids: number }[] = [];
  for (const time of timesMs.toSorted((a, b) => a - b)) {
    const open = sessions.at(-1);
    if (open === undefined || time >= open.last + GAP_MS) sessions.push({ start: time, last: time, bids: 1 });
    else {
      open.last = time;
      open.bids++;
    }
  }
  return sessions.map(({ start, last, bids }) => ({ bidder, bids, window_start: start, window_end: last + GAP_MS }));
}
