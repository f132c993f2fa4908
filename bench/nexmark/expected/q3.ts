import type { Expected } from "./row.ts";

const STATES = ["OR", "ID", "CA"];

export const q3: Expected = ({ persons, auctions }) =>
  persons
    .filter(({ state }) => STATES.includes(state))
    .flatMap(({ id: seller, name, city, state }) =>
      auctions.filter((auction) => auction.seller === seller && auction.category === 10).map(({ id }) => ({ name, city, state, id })),
    );
