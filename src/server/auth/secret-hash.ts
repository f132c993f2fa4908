import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

const TOKEN_BYTES = 32;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Long and random: 43 characters that may stand in a header and a URL. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** Of a token, which is long and random itself: SHA-256 in hexadecimal. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Of a password, which may be guessed: `scrypt:SALT:KEY`, both base64url. */
export async function passwordHash(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES);
  return `scrypt:${salt.toString("base64url")}:${key.toString("base64url")}`;
}

export const PASSWORD_HASH = /^scrypt:[\w-]{22}:[\w-]{43}$/;

export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, salt = "", key = ""] = hash.split(":");
  const expected = Buffer.from(key, "base64url");
  return timingSafeEqual(await derive(password, Buffer.from(salt, "base64url"), expected.length), expected);
}

/** Both are hexadecimal and of one length. */
export function isSameHash(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left, "hex"), Buffer.from(right, "hex"));
}
