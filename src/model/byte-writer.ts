import { copyBytes, dataViewOf } from "./copy-bytes.ts";
import { decimalLength, writeDecimal } from "./decimal-text.ts";

/** Below this a loop over characters beats the call into native code. */
const LOOP_MAX = 32;
const MINUTES_PER_DAY = 1440;
/** `"yyyy-MM-ddThh:mm:` */
const MINUTE_BYTES = 18;
/** Below, hundredths are exact in every step. */
const HUNDREDTHS_MAX = 2 ** 31;

/** 0000-01-01 and 10000-01-01: between them an ISO date has four digits for the year. */
const FOUR_DIGIT_YEARS_FROM_MS = -62_167_219_200_000;
const FOUR_DIGIT_YEARS_UNTIL_MS = 253_402_300_800_000;
const NOTHING = new Uint8Array(0);
const NO_VIEW = dataViewOf(NOTHING);
const HEX = "0123456789abcdef";

/**
 * Text and bytes on their way out, in one buffer that grows by doubling and is used again after `reset`.
 * What it writes as JSON is what `JSON.stringify` writes, byte for byte.
 */
export class ByteWriter {
  private buffer: Buffer;
  private target: DataView;
  private used = 0;
  /** What was copied from last; the next piece comes from there as often as not. Rows of a join come from two in turns. */
  private source: Uint8Array = NOTHING;
  private sourceView = NO_VIEW;
  private otherSource: Uint8Array = NOTHING;
  private otherView = NO_VIEW;
  /** The last time written, up to its minute, with the quote before it. */
  private minute = Number.NaN;
  private readonly minuteText = Buffer.alloc(MINUTE_BYTES);
  private readonly minuteView = dataViewOf(this.minuteText);

  constructor(initialBytes = 4096) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, 64));
    this.target = dataViewOf(this.buffer);
  }

  /** Bytes written since the last `reset` or `take`. */
  get length(): number {
    return this.used;
  }

  reset(): void {
    this.used = 0;
    this.source = NOTHING;
    this.sourceView = NO_VIEW;
    this.otherSource = NOTHING;
    this.otherView = NO_VIEW;
  }

  /** Forgets what was written after the first `length` bytes. */
  truncate(length: number): void {
    if (length < this.used) this.used = length;
  }

  get capacity(): number {
    return this.buffer.length;
  }

  /** The buffer itself, which may be longer than what was written to it; the writer goes on in `next`, or in one like it. */
  handOver(next: Buffer | null): Buffer {
    const handed = this.buffer;
    this.buffer = next ?? Buffer.allocUnsafeSlow(handed.length);
    this.target = dataViewOf(this.buffer);
    this.reset();
    return handed;
  }

  /** An exact copy of everything written, which nobody writes again; the writer is empty afterwards. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.used);
    this.buffer.copy(taken, 0, 0, this.used);
    this.reset();
    return taken;
  }

  /** The written bytes themselves, without a copy: valid until the next call that writes. */
  view(): Buffer {
    return this.buffer.subarray(0, this.used);
  }

  byte(code: number): void {
    this.reserve(1);
    this.buffer[this.used++] = code;
  }

  /** Characters below U+0080 only: the caller knows. */
  ascii(text: string): void {
    const length = text.length;
    this.reserve(length);
    if (length > LOOP_MAX) {
      this.used += this.buffer.write(text, this.used, "latin1");
      return;
    }
    const { buffer, used } = this;
    for (let i = 0; i < length; i++) buffer[used + i] = text.charCodeAt(i);
    this.used = used + length;
  }

  /** Any text as UTF-8, as it is; a lone surrogate becomes U+FFFD. */
  utf8(text: string): void {
    this.reserve(text.length * 3);
    if (text.length > LOOP_MAX || !this.tryAscii(text)) this.used += this.buffer.write(text, this.used, "utf8");
  }

  bytes(source: Uint8Array, start = 0, end = source.length): void {
    this.reserve(end - start);
    if (source !== this.source) this.changeSource(source);
    this.used = copyBytes(this.target, this.used, this.sourceView, start, end);
  }

  private changeSource(source: Uint8Array): void {
    const view = source === this.otherSource ? this.otherView : dataViewOf(source);
    this.otherSource = this.source;
    this.otherView = this.sourceView;
    this.source = source;
    this.sourceView = view;
  }

  /** As `bytes`, where the view is at hand already. */
  piece(source: DataView, start = 0, end = source.byteLength): void {
    this.reserve(end - start);
    this.used = copyBytes(this.target, this.used, source, start, end);
  }

  /** The JSON text of a double; `null` for NaN and the infinities. */
  number(value: number): void {
    if (Number.isSafeInteger(value)) this.integer(value);
    else if (!this.tryHundredths(value)) this.ascii(Number.isFinite(value) ? String(value) : "null");
  }

  /**
   * Measured values have few decimals as a rule. The double nearest to so few digits has no other text that is as short, so it is theirs;
   * making that text without a string takes a quarter of the time. False: not such a value, and nothing is written.
   */
  private tryHundredths(value: number): boolean {
    const hundredths = Math.round(value * 100);
    if (!(Math.abs(hundredths) < HUNDREDTHS_MAX) || hundredths / 100 !== value) return false;
    this.reserve(17);
    const { buffer } = this;
    const positive = Math.abs(hundredths);
    const whole = (positive / 100) | 0;
    const decimals = positive - whole * 100;
    if (value < 0) buffer[this.used++] = 0x2d;
    this.used += decimalLength(whole);
    writeDecimal(buffer, this.used, whole);
    buffer[this.used++] = 0x2e;
    const tenths = (decimals / 10) | 0;
    const last = decimals - tenths * 10;
    buffer[this.used++] = 0x30 + tenths;
    if (last > 0) buffer[this.used++] = 0x30 + last;
    return true;
  }

  /** A JSON string with its quotes. */
  jsonString(text: string): void {
    const length = text.length;
    this.reserve(length + 2);
    const { buffer } = this;
    let at = this.used;
    buffer[at++] = 0x22;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) {
        this.utf8(JSON.stringify(text));
        return;
      }
      buffer[at++] = code;
    }
    buffer[at++] = 0x22;
    this.used = at;
  }

  /** Valid UTF-8 bytes (a record key, a header) as a JSON string with its quotes. */
  jsonStringFromUtf8(source: Uint8Array, start: number, end: number): void {
    this.reserve((end - start) * 6 + 2);
    const { buffer } = this;
    let at = this.used;
    buffer[at++] = 0x22;
    for (let i = start; i < end; i++) {
      const code = source[i] as number;
      if (code < 0x20 || code === 0x22 || code === 0x5c) at = writeEscape(buffer, at, code);
      else buffer[at++] = code;
    }
    buffer[at++] = 0x22;
    this.used = at;
  }

  /** Milliseconds since 1970 as a quoted ISO 8601 UTC time with milliseconds; `null` where there is no such date. */
  timestamp(ms: number): void {
    if (!(ms >= FOUR_DIGIT_YEARS_FROM_MS && ms < FOUR_DIGIT_YEARS_UNTIL_MS)) {
      this.utf8(JSON.stringify(new Date(ms)));
      return;
    }
    const whole = Math.trunc(ms);
    const minute = Math.floor(whole / 60_000);
    if (minute !== this.minute) this.writeMinute(minute);
    this.reserve(26);
    const { buffer } = this;
    const at = copyBytes(this.target, this.used, this.minuteView, 0, MINUTE_BYTES);
    const msOfMinute = whole - minute * 60_000;
    const second = (msOfMinute / 1000) | 0;
    writeDigits(buffer, at, second, 2);
    buffer[at + 2] = 0x2e;
    writeDigits(buffer, at + 3, msOfMinute - second * 1000, 3);
    buffer[at + 6] = 0x5a;
    buffer[at + 7] = 0x22;
    this.used = at + 8;
  }

  /** Times that follow each other are of the same minute as often as not, those of readings that come out of order too. */
  private writeMinute(minute: number): void {
    const day = Math.floor(minute / MINUTES_PER_DAY);
    this.minuteText[0] = 0x22;
    writeDate(this.minuteText, 1, day);
    writeTimeOfDay(this.minuteText, 11, minute - day * MINUTES_PER_DAY);
    this.minute = minute;
  }

  private integer(value: number): void {
    this.reserve(17);
    const { buffer } = this;
    let rest = value;
    if (rest < 0) {
      buffer[this.used++] = 0x2d;
      rest = -rest;
    }
    this.used += decimalLength(rest);
    writeDecimal(buffer, this.used, rest);
  }

  private tryAscii(text: string): boolean {
    const { buffer, used } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[used + i] = code;
    }
    this.used = used + text.length;
    return true;
  }

  private reserve(bytes: number): void {
    const needed = this.used + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.used);
    this.buffer = grown;
    this.target = dataViewOf(grown);
  }
}

function writeEscape(buffer: Buffer, at: number, code: number): number {
  buffer[at] = 0x5c;
  const short = shortEscape(code);
  if (short !== 0) {
    buffer[at + 1] = short;
    return at + 2;
  }
  buffer[at + 1] = 0x75;
  buffer[at + 2] = 0x30;
  buffer[at + 3] = 0x30;
  buffer[at + 4] = HEX.charCodeAt(code >> 4);
  buffer[at + 5] = HEX.charCodeAt(code & 15);
  return at + 6;
}

function shortEscape(code: number): number {
  switch (code) {
    case 0x22:
    case 0x5c:
      return code;
    case 0x08:
      return 0x62;
    case 0x09:
      return 0x74;
    case 0x0a:
      return 0x6e;
    case 0x0c:
      return 0x66;
    case 0x0d:
      return 0x72;
    default:
      return 0;
  }
}

function writeDigits(buffer: Buffer, at: number, value: number, digits: number): void {
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    buffer[i] = 0x30 + (rest % 10);
    rest = (rest / 10) | 0;
  }
}

/** `yyyy-MM-dd` of a day since 1970, counted in years that begin in March so that leap days come last. */
function writeDate(buffer: Buffer, at: number, day: number): void {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  writeDigits(buffer, at, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
  buffer[at + 4] = 0x2d;
  writeDigits(buffer, at + 5, month, 2);
  buffer[at + 7] = 0x2d;
  writeDigits(buffer, at + 8, dayOfMonth, 2);
}

/** `Thh:mm:` */
function writeTimeOfDay(buffer: Buffer, at: number, minuteOfDay: number): void {
  const hours = (minuteOfDay / 60) | 0;
  buffer[at] = 0x54;
  writeDigits(buffer, at + 1, hours, 2);
  buffer[at + 3] = 0x3a;
  writeDigits(buffer, at + 4, minuteOfDay - hours * 60, 2);
  buffer[at + 6] = 0x3a;
}
