import { afterAll } from "vitest";
import { LIMITS } from "../../src/limits.ts";

/** Files share a process: what one of them has lowered is not the next one's. */
const kept = { ...LIMITS };
afterAll(() => {
  Object.assign(LIMITS, kept);
});
