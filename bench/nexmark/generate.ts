import { Random } from "../data/random.ts";
import type { Auction, Bid, NexmarkEvent, NexmarkEvents, Person } from "./events.ts";
import { CHANNELS, CITIES, FIRST_NAMES, ITEMS, LAST_NAMES, PATHS } from "./words.ts";

/** The same options give the same events, byte for byte. */
export interface NexmarkOptions {
  readonly events: number;
  /** By how many events event time advances in a second. */
  readonly perSecond: number;
  /** Events are out of order by less than this; 0: they are in order. */
  readonly jitterMs: number;
}

/** Queries wait so long for events that are out of order. */
export const GRACE_MS = 4_000;

const SEED = 42;
const START_MS = 1_700_000_000_000;
const FIRST_ID = 1_000;
const FIRST_CATEGORY = 10;
const CATEGORIES = 5;
/** Of every fifty events the first is a person and the next three are auctions. */
const EPOCH = 50;
const AUCTIONS_AN_EPOCH = 3;
/** Sellers and bidders are among the latest so many people, bids are for one of the latest so many auctions. */
const ACTIVE_PERSONS = 1_000;
const OPEN_AUCTIONS = 100;
/** One of so many is hot at a time. */
const HOT_EVERY = 100;
/** Half of the bids are for the hot auction; three quarters of the auctions and bids are of the hot seller and the hot bidder. */
const COLD_BID = 2;
const COLD_PERSON = 4;
/** Bytes of a document, about. */
const PERSON_BYTES = 250;
const AUCTION_BYTES = 500;
const BID_BYTES = 230;
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** The event of that number, from 0; it depends on nothing but its number and the options. */
export function eventAt(number: number, options: NexmarkOptions): NexmarkEvent {
  const random = new Random(SEED * 2 ** 32 + number);
  const jitterMs = options.jitterMs === 0 ? 0 : random.below(options.jitterMs);
  const dateTime = START_MS + Math.floor((number * 1000) / options.perSecond) - jitterMs;
  const epoch = Math.floor(number / EPOCH);
  const place = number % EPOCH;
  if (place === 0) return person(epoch, dateTime, random);
  if (place <= AUCTIONS_AN_EPOCH) return auction(epoch, place - 1, { dateTime, random, options });
  return bid(epoch, dateTime, random);
}

export function* generate(options: NexmarkOptions): Generator<NexmarkEvent> {
  for (let number = 0; number < options.events; number++) yield eventAt(number, options);
}

export function allEvents(options: NexmarkOptions): NexmarkEvents {
  const persons: Person[] = [];
  const auctions: Auction[] = [];
  const bids: Bid[] = [];
  for (const event of generate(options)) {
    if (event.kind === "person") persons.push(event);
    else if (event.kind === "auction") auctions.push(event);
    else bids.push(event);
  }
  return { persons, auctions, bids };
}

function person(epoch: number, dateTime: number, random: Random): Person {
  const first = pick(FIRST_NAMES, random);
  const last = pick(LAST_NAMES, random);
  const [city, state] = pick(CITIES, random);
  const creditCard = Array.from({ length: 4 }, () => String(random.below(10_000)).padStart(4, "0")).join(" ");
  const emailAddress = `${first.toLowerCase()}.${last.toLowerCase()}@${letters(5, random)}.example`;
  const plain: Person = {
    kind: "person",
    id: FIRST_ID + epoch,
    name: `${first} ${last}`,
    emailAddress,
    creditCard,
    city,
    state,
    dateTime,
    extra: "",
  };
  return { ...plain, extra: padding(plain, PERSON_BYTES, random) };
}

interface Making {
  readonly dateTime: number;
  readonly random: Random;
  readonly options: NexmarkOptions;
}

function auction(epoch: number, place: number, { dateTime, random, options }: Making): Auction {
  const initialBid = price(random);
  // As long as bids for it come, up to twice that.
  const openMs = Math.ceil((OPEN_AUCTIONS / AUCTIONS_AN_EPOCH) * EPOCH * (1000 / options.perSecond));
  const seller = random.below(COLD_PERSON) > 0 ? hot(epoch) : recent(epoch, ACTIVE_PERSONS, random);
  const plain: Auction = {
    kind: "auction",
    id: FIRST_ID + epoch * AUCTIONS_AN_EPOCH + place,
    itemName: pick(ITEMS, random),
    description: letters(20 + random.below(80), random),
    initialBid,
    reserve: initialBid + price(random),
    dateTime,
    expires: dateTime + 1 + random.below(2 * openMs),
    seller: FIRST_ID + seller,
    category: FIRST_CATEGORY + random.below(CATEGORIES),
    extra: "",
  };
  return { ...plain, extra: padding(plain, AUCTION_BYTES, random) };
}

function bid(epoch: number, dateTime: number, random: Random): Bid {
  const lastAuction = epoch * AUCTIONS_AN_EPOCH + AUCTIONS_AN_EPOCH - 1;
  const auctionNumber = random.below(COLD_BID) > 0 ? hot(lastAuction) : recent(lastAuction, OPEN_AUCTIONS, random);
  // Another one than the hot seller, where there is one.
  const bidder = random.below(COLD_PERSON) > 0 ? Math.min(hot(epoch) + 1, epoch) : recent(epoch, ACTIVE_PERSONS, random);
  const site = `https://www.auctions.example/${pick(PATHS, random)}/${letters(3, random)}/${letters(4, random)}/item.htm?query=1`;
  const isKnown = random.below(2) > 0;
  const channelId = random.below(10_000);
  const named = isKnown ? pick(CHANNELS, random) : `channel-${channelId}`;
  // One of ten unknown channels does not say its number.
  const url = isKnown || random.below(10) === 0 ? site : `${site}&channel_id=${channelId}`;
  const plain: Bid = {
    kind: "bid",
    auction: FIRST_ID + auctionNumber,
    bidder: FIRST_ID + bidder,
    price: price(random),
    channel: named,
    url,
    dateTime,
    extra: "",
  };
  return { ...plain, extra: padding(plain, BID_BYTES, random) };
}

const hot = (last: number): number => last - (last % HOT_EVERY);

function recent(last: number, count: number, random: Random): number {
  return last - random.below(Math.min(count, last + 1));
}

/** From 100 to 100 million, each order of magnitude as often. */
function price(random: Random): number {
  return Math.floor(((100_000 + random.below(900_000)) * 10 ** random.below(6)) / 1_000);
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)] as T;
}

function letters(count: number, random: Random): string {
  let text = "";
  for (let i = 0; i < count; i++) text += LETTERS[random.below(LETTERS.length)];
  return text;
}

/** Texts of few draws: a word of random letters again and again, to the wanted size, give or take a fifth. */
function padding(plain: NexmarkEvent, bytes: number, random: Random): string {
  const wanted = Math.max(Math.floor(bytes * (0.8 + random.below(400) / 1000)) - JSON.stringify(plain).length, 8);
  const word = letters(8, random);
  return word.repeat(Math.ceil(wanted / word.length)).slice(0, wanted);
}
