import type { Expected } from "./row.ts";

export const q14: Expected = ({ bids }) =>
  bids
    .map((bid) => ({ ...bid, euros: 0.908 * bid.price }))
    .filter(({ euros }) => euros > 1_000_000 && euros < 50_000_000)
    .map(({ auction, bidder, euros, dateTime, extra }) => {
      const countOfC = [...extra].filter((character) => character === "c").length;
      return { auction, bidder, price: euros, bidTimeType: timeOfDay(new Date(dateTime).getUTCHours()), dateTime, extra, countOfC };
    });

function timeOfDay(hour: number): string {
  if (hour >= 8 && hour <= 18) return "dayTime";
  return hour <= 6 || hour >= 20 ? "nightTime" : "otherTime";
}
