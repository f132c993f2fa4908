import type { Expected } from "./row.ts";

export const q22: Expected = ({ bids }) =>
  bids.map(({ auction, bidder, price, channel, url }) => {
    const [dir1 = "", dir2 = "", dir3 = ""] = new URL(url).pathname.slice(1).split("/");
    return { auction, bidder, price, channel, dir1, dir2, dir3 };
  });
