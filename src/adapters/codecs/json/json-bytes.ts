export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const MINUS = 0x2d;
export const PLUS = 0x2b;
export const POINT = 0x2e;
export const ZERO = 0x30;

/** Bytes at which a string is more than copied: its end, an escape, a control character, the first of a longer character. */
export const SPECIAL_IN_STRING = Uint8Array.from({ length: 256 }, (_, c) =>
  c === QUOTE || c === BACKSLASH || c < 0x20 || c >= 0x80 ? 1 : 0,
);

/** Which byte may follow a backslash: 1, or 2 for `u`. */
export const ESCAPES = new Uint8Array(256);
for (const character of '"\\/bfnrt') ESCAPES[character.charCodeAt(0)] = 1;
ESCAPES["u".charCodeAt(0)] = 2;

/** Of either case. */
export function isHexDigit(c: number): boolean {
  const lower = c | 0x20;
  return (c >= ZERO && c <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}
