import type { Expected } from "./row.ts";

const KNOWN: ReadonlyMap<string, string> = new Map([
  ["Apple", "0"],
  ["Google", "1"],
  ["Facebook", "2"],
  ["Baidu", "3"],
]);

export const q21: Expected = ({ bids }) =>
  bids.flatMap(({ auction, bidder, price, channel, url }) => {
    const channelId = KNOWN.get(channel) ?? new URL(url).searchParams.get("channel_id");
    return channelId === null ? [] : [{ auction, bidder, price, channel, channelId }];
  });
