import { type Expected, windowStart } from "./row.ts";

const SIZE_MS = 10_000;

export const q8: Expected = ({ persons, auctions }) => {
  const offers = new Set(auctions.map(({ seller, dateTime }) => `${seller} ${windowStart(dateTime, SIZE_MS)}`));
  return persons
    .map(({ id, name, dateTime }) => ({ id, name, since: windowStart(dateTime, SIZE_MS) }))
    .filter(({ id, since }) => offers.has(`${id} ${since}`));
};
