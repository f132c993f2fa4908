import { randomBytes } from "node:crypto";

/** A name that no other test has used, good for topics, indexes and tables alike. */
export function freshName(prefix: string): string {
  return `${prefix}_${randomBytes(5).toString("hex")}`;
}
