import { LIMITS } from "../../../src/limits.ts";
import type { SeededRandom } from "../../property/random.ts";
import { type Mutation, mutated, NAMES } from "./json-documents.ts";

/** A template of documents: the same members in the same order with the same white space, and other values each time. */
export interface Template {
  readonly before: string;
  readonly after: string;
  readonly root: Members;
}

interface Members {
  readonly members: readonly { readonly name: string; readonly kind: Kind | Members }[];
  /** White space behind `{`, behind names, behind colons, behind commas, before `}`. */
  readonly spaces: readonly [string, string, string, string, string];
}

type Kind = (typeof KINDS)[number];
const KINDS = ["string", "number", "integer", "boolean", "null", "array", "any"] as const;

const PLAIN_NAMES = NAMES.filter((name) => JSON.stringify(name) === `"${name}"`);

/** `isRegular`: documents of it have a shape; others have names with escapes, arrays, members that are another thing each time. */
export function template(random: SeededRandom, isRegular: boolean): Template {
  const kinds = isRegular ? KINDS.filter((kind) => kind !== "any" && kind !== "array") : KINDS;
  const allNames = isRegular || random.chance(0.9) ? PLAIN_NAMES : NAMES;
  const space = random.pick([() => "", () => random.pick(["", " "]), () => random.pick(["", " ", "\n  ", "\t", "\r\n"])]);
  const members = (depth: number): Members => {
    const names = [...allNames].sort(() => random.next() - 0.5).slice(0, random.below(depth === 0 ? 7 : 4) + (depth === 0 ? 1 : 0));
    return {
      members: names.map((name) => ({ name, kind: depth < 3 && random.chance(0.25) ? members(depth + 1) : random.pick(kinds) })),
      spaces: [space(), space(), space(), space(), space()],
    };
  };
  return { before: space(), after: space(), root: members(0) };
}

export function documentOf({ before, after, root }: Template, random: SeededRandom, surprise: number): string {
  return `${before}${objectText(root, random, surprise)}${after}`;
}

/** `surprise` is the share of values that are not what the template has there, and of members that are doubled or written otherwise. */
function objectText({ members, spaces }: Members, random: SeededRandom, surprise: number): string {
  const [open, named, colon, comma, close] = spaces;
  const texts = members.map(({ name, kind }) => {
    const text = random.chance(surprise / 4) ? escapedText(name) : JSON.stringify(name);
    const value = random.chance(surprise)
      ? valueText("any", random)
      : typeof kind === "string"
        ? valueText(kind, random)
        : objectText(kind, random, surprise);
    return `${text}${named}:${colon}${value}`;
  });
  if (texts.length > 0 && random.chance(surprise / 4))
    texts.push(random.pick(texts), `"${random.pick(["a", "b"])}":${valueText("any", random)}`);
  return `{${open}${texts.join(`,${comma}`)}${close}}`;
}

const escapedText = (text: string): string =>
  `"${text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;

const STRINGS = [
  ...['""', '"x"', '"abc"', '"abcd"', '"device-1"', '"0123456789012345678901234567890123456789"', '"/"', '" "', '"\u007f"'],
  ...['"é"', '"日本語"', '"😀"', '"abcdefgé"', '"\u2028"', '"\\n"', '"a\\"b"', '"\\u0000"', '"\\ud83d"', '"\\ude00\\ud83d"', '"abc\\\\"'],
];
const NUMBERS = [
  ...["0", "-0", "-0.0", "1e5", "1E+400", "-1e-400", "1e999", "0.1", "5e-324", "1.7976931348623157e308", "0.000000000000001"],
  ...["9007199254740993", "9007199254740992", "-9007199254740993", "123456789012345", "123456789012345.6", "1234567890123456"],
  ...["18446744073709551615", "12345678.9", "99999999", "-1", "0.5", "100000000000000000000000000000000000000"],
];

function valueText(kind: Kind, random: SeededRandom): string {
  const plain = random.chance(0.7);
  switch (kind) {
    case "string":
      return plain ? JSON.stringify(`dev-${random.below(50)}`) : random.pick(STRINGS);
    case "number":
      return plain ? ((random.below(2_000_000) - 1_000_000) / 10 ** random.below(5)).toString() : random.pick(NUMBERS);
    case "integer":
      return plain ? String(1_700_000_000_000 + random.below(1e9)) : random.pick(NUMBERS);
    case "boolean":
      return random.pick(["true", "false"]);
    case "null":
      return "null";
    case "array":
      return `[${Array.from({ length: random.below(3) }, () => valueText("any", random)).join(random.pick([",", ", "]))}]`;
    case "any": {
      if (random.chance(0.02)) return nested(LIMITS.jsonDepthMax - random.below(10));
      const name = JSON.stringify(random.pick(NAMES));
      if (random.chance(0.3)) return `{${name}:${valueText("any", random)},${name}: ${valueText("number", random)}}`;
      return valueText(random.pick(KINDS), random);
    }
  }
}

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

const DAMAGE = [...Buffer.from('{}[],:"\\ \n0123456789eE+-.truefalsn/'), 0, 0x1f, 0x7f, 0x80, 0xbf, 0xc3, 0xed, 0xa0, 0xf4, 0xff];

/** The document with one to three bytes flipped, deleted, inserted or appended, or cut off. */
export function damaged(bytes: Buffer, random: SeededRandom): Buffer {
  if (random.chance(0.1)) return Buffer.concat([bytes, Buffer.of(random.pick(DAMAGE))]);
  let result = bytes;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const kind: Mutation["kind"] = random.pick(["flip", "delete", "insert", "truncate", "flip", "insert"]);
    result = mutated(result, { kind, at: random.below(10_000), byte: random.pick(DAMAGE) });
  }
  return result;
}
