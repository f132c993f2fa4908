import fc from "fast-check";

/** Few names, so that paths meet members, members meet their doubles, and nested names repeat. */
export const NAMES = ["a", "b", "c", "é", 'q"', "", "__proto__", "longer name"];

const space = fc.oneof(
  { weight: 5, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(" ", "\n", "\r", "\t"), maxLength: 3 }) },
);

/** The same character as JSON may spell it. */
const spelled = (character: string, way: number): string => {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).padStart(4, "0");
  if (way === 1) return `\\u${hex}`;
  if (way === 2) return `\\u${hex.toUpperCase()}`;
  if (character === "/" && way === 3) return "\\/";
  return JSON.stringify(character).slice(1, -1);
};

const stringText = (content: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(content, fc.infiniteStream(fc.nat(40))).map(([text, ways]) => {
    const characters = text.split("");
    return `"${characters.map((character) => spelled(character, ways.next().value)).join("")}"`;
  });

/** Text split into UTF-16 units may be spelled as lone surrogates; put together they are one character again. */
const content = fc.oneof(
  fc.constantFrom("", "x", "device-1", "\u0000\b\f\n\r\t", "/", "ünïcode", "\u2028", "x".repeat(40)),
  fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => !/[\ud800-\udfff]/.test(text)),
);
const surrogates = fc.constantFrom('"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00x"', '"😀"', '"\\uD83D\\u0041"');

const digits = fc.stringMatching(/^\d{1,20}$/);
const numberText = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "-0.0",
    "1e5",
    "1E+400",
    "-1e-400",
    "9007199254740993",
    "123456789012345.6",
    "0.1",
    "5e-324",
    "1.7976931348623157e308",
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.constantFrom("", "-"), digits, digits, fc.constantFrom("", "e1", "E-3", "e+22")).map(([sign, whole, part, exponent]) => {
    return `${sign}${whole.replace(/^0+(?=\d)/, "")}.${part}${exponent}`;
  }),
  fc
    .tuple(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 7 }))
    .map(([value, scale]) => (value / 10 ** scale).toFixed(scale)),
);

const { document } = fc.letrec<{ document: string; value: string; object: string; member: string }>((tie) => ({
  document: fc
    .tuple(space, fc.oneof({ weight: 4, arbitrary: tie("object") }, { weight: 1, arbitrary: tie("value") }), space)
    .map((parts) => parts.join("")),
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: numberText },
    { weight: 3, arbitrary: stringText(content) },
    { weight: 1, arbitrary: surrogates },
    { weight: 2, arbitrary: fc.constantFrom("true", "false", "null") },
    { weight: 8, arbitrary: tie("object") },
    {
      weight: 3,
      arbitrary: fc
        .tuple(space, fc.array(fc.tuple(space, tie("value"), space), { maxLength: 4 }))
        .map(([inside, items]) => `[${inside}${items.map((item) => item.join("")).join(",")}]`),
    },
  ),
  object: fc.tuple(space, fc.array(tie("member"), { maxLength: 6 })).map(([inside, members]) => `{${inside}${members.join(",")}}`),
  member: fc
    .tuple(space, stringText(fc.constantFrom(...NAMES)), space, space, tie("value"), space)
    .map(([before, name, after, gap, value, end]) => `${before}${name}${after}:${gap}${value}${end}`),
}));

/** JSON text in every spelling that the standard allows, with doubles. */
export const jsonText: fc.Arbitrary<string> = document;

/** What can happen to the bytes of a document; most results are broken, some are not. */
export type Mutation = { readonly kind: "flip" | "delete" | "insert" | "truncate"; readonly at: number; readonly byte: number };

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("flip", "delete", "insert", "truncate"),
  at: fc.nat(10_000),
  byte: fc.oneof(fc.constantFrom(...Buffer.from('{}[],:"\\ \n0123456789eE+-.truefalsn/')), fc.nat(255)),
});

export function mutated(bytes: Buffer, { kind, at, byte }: Mutation): Buffer {
  if (bytes.length === 0) return bytes;
  const place = at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case "flip":
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    case "delete":
      return Buffer.concat([before, after.subarray(1)]);
    case "insert":
      return Buffer.concat([before, Buffer.of(byte), after]);
    case "truncate":
      return before;
  }
}
