import { describe, expect, it } from "vitest";
import { Digest } from "../../../bench/data/digest.ts";
import { differences } from "../../../bench/nexmark/compare-rows.ts";
import { allEvents, eventAt, generate } from "../../../bench/nexmark/generate.ts";
import { LAYOUTS, recordOf } from "../../../bench/nexmark/topics.ts";

const OPTIONS = { events: 20_000, perSecond: 1_000, jitterMs: 4_000 };
const { persons, auctions, bids } = allEvents(OPTIONS);

const share = <T>(values: readonly T[], is: (value: T) => boolean): number => values.filter(is).length / values.length;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("events of Nexmark", () => {
  it("are made of their number alone, and are always the same", () => {
    const digest = new Digest();
    for (const event of generate(OPTIONS)) digest.add(JSON.stringify(event));
    expect(digest.fingerprint()).toMatchInlineSnapshot(`
      {
        "digest": "c32a9fe7ddc1ebc3",
        "rows": 20000,
      }
    `);
    expect([...generate({ ...OPTIONS, events: 60 })].at(-1)).toEqual(eventAt(59, OPTIONS));
  });

  it("are one person and three auctions to 46 bids", () => {
    expect([persons.length, auctions.length, bids.length]).toEqual([400, 1_200, 18_400]);
  });

  it("have ids that follow each other, and speak of nothing that is not there yet", () => {
    expect(persons.map(({ id }) => id)).toEqual(persons.map((_, index) => 1_000 + index));
    expect(auctions.map(({ id }) => id)).toEqual(auctions.map((_, index) => 1_000 + index));
    const known = { persons: 0, auctions: 0 };
    for (const event of generate(OPTIONS)) {
      if (event.kind === "person") known.persons++;
      else if (event.kind === "auction") {
        known.auctions++;
        expect(event.seller).toBeLessThan(1_000 + known.persons);
      } else {
        expect(event.bidder).toBeLessThan(1_000 + known.persons);
        expect(event.auction).toBeLessThan(1_000 + known.auctions);
      }
    }
  });

  it("have hot sellers, bidders and auctions", () => {
    expect(share(auctions, ({ seller }) => seller % 100 === 0)).toBeCloseTo(0.75, 1);
    expect(share(bids, ({ bidder }) => bidder % 100 === 1)).toBeCloseTo(0.75, 1);
    expect(share(bids, ({ auction }) => auction % 100 === 0)).toBeCloseTo(0.5, 1);
  });

  it("are out of order, by less than the jitter", () => {
    let latest = 0;
    let late = 0;
    for (const { dateTime } of generate(OPTIONS)) {
      if (dateTime < latest) late++;
      expect(dateTime).toBeGreaterThan(latest - OPTIONS.jitterMs);
      latest = Math.max(latest, dateTime);
    }
    expect(late / OPTIONS.events).toBeGreaterThan(0.9);
    const inOrder = [...generate({ ...OPTIONS, jitterMs: 0 })].map(({ dateTime }) => dateTime);
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
  });

  it("have documents of the sizes of the benchmark", () => {
    const bytes = (events: readonly (typeof persons | typeof auctions | typeof bids)[number][]): number =>
      mean(events.map((event) => recordOf(event, "items").value?.length ?? 0));
    expect(bytes(persons) / 230).toBeCloseTo(1, 1);
    expect(bytes(auctions) / 480).toBeCloseTo(1, 1);
    expect(bytes(bids) / 220).toBeCloseTo(1, 0);
  });

  it("have keys that say what lies together", () => {
    const keys = LAYOUTS.map((layout) => [persons[7], auctions[7], bids[7]].map((event) => String(event && recordOf(event, layout).key)));
    const [person, auction, bid] = [persons[7], auctions[7], bids[7]];
    const items = [person?.id, auction?.id, bid?.auction].map(String);
    expect(keys).toEqual([items, [person?.id, auction?.seller, bid?.bidder].map(String), items]);
  });
});

describe("differences of rows", () => {
  const rows = [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ];

  it("do not depend on the order of rows and columns", () => {
    expect(
      differences(rows, [
        { b: "y", a: 2 },
        { b: "x", a: 1 },
      ]),
    ).toBeNull();
  });

  it("show a row more, less, twice or other", () => {
    const [first, second] = rows as [(typeof rows)[number], (typeof rows)[number]];
    for (const other of [[first], [first, second, second], [first, { ...second, a: 3 }], [first, first]]) {
      expect(differences(other, rows)).not.toBeNull();
    }
    expect(differences([first, first], rows)).toBe('2 rows instead of 2; too many: 1 [["a",1],["b","x"]]; missing: 1 [["a",2],["b","y"]]');
  });
});
