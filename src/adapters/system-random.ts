import type { Random } from "../ports/random.ts";

/** The machine's chance; good for jitter and names, not for secrets. */
export const systemRandom: Random = { next: () => Math.random() };
