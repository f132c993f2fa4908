import type { Value } from "../../model/value.ts";
import { keyOf } from "../value-set.ts";

const REGISTER_BITS = 12;
const REGISTERS = 1 << REGISTER_BITS;
/** Of so many registers, by Flajolet and others (2007). */
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

/**
 * How many values came, from 4 kB whatever their number: the standard error is 1.6 %. Each value counts by its hash: which register
 * it belongs to, and how many zeros its other bits begin with.
 */
export class HyperLogLog {
  readonly registers: Uint8Array;

  constructor(registers = new Uint8Array(REGISTERS)) {
    this.registers = registers;
  }

  add(value: Value): void {
    const [high, low] = hash64(hashText(value));
    const register = high >>> (32 - REGISTER_BITS);
    const rest = high << REGISTER_BITS;
    const rank = rest === 0 ? 32 - REGISTER_BITS + Math.clz32(low) + 1 : Math.clz32(rest) + 1;
    if (rank > (this.registers[register] as number)) this.registers[register] = rank;
  }

  merge(other: HyperLogLog): void {
    for (const [register, rank] of other.registers.entries()) {
      if (rank > (this.registers[register] as number)) this.registers[register] = rank;
    }
  }

  estimate(): number {
    let sum = 0;
    let empty = 0;
    for (const rank of this.registers) {
      sum += 2 ** -rank;
      if (rank === 0) empty++;
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
    // Few values are counted better by how many registers are empty.
    return Math.round(raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw);
  }
}

/** Equal values have equal texts, and those of different types differ. */
function hashText(value: Value): string {
  const key = keyOf(value);
  return `${typeof key === "bigint" ? "number" : typeof key} ${String(key)}`;
}

/** Two halves of FNV-1a over UTF-16 units, with different seeds, each mixed to the end as MurmurHash3 does. */
function hash64(text: string): readonly [number, number] {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x85ebca6b) ^ (low >>> 13);
  }
  return [mix(high), mix(low)];
}

function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
