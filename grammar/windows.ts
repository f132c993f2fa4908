import type { IToken } from "chevrotain";
import type { CountWindow, Duration, Expr, Span, Window } from "./ast.ts";
import { KcqlClauseRules } from "./kcql-clauses.ts";
import { missingDuration, missingText, missingWindow, missingWindowPart } from "./missing.ts";
import { unquote } from "./names.ts";
import { nearest } from "./nearest.ts";
import type { Rule } from "./rules.ts";
import { Comma, GluedNumber, K, LeftParen, NumberToken, RightParen, StringToken, Word } from "./tokens.ts";
import { DURATION_UNITS, UNIT_MS } from "./units.ts";

/** One of the things in the parentheses of a window. */
export type WindowPart =
  | { readonly name: "size" | "advance" | "gap" | "grace" | "offset" | "retention"; readonly value: Duration; readonly span: Span }
  | { readonly name: "time zone"; readonly value: string; readonly span: Span };
type DurationPart = Extract<WindowPart, { value: Duration }>["name"];
type TimedKind = Exclude<Window["kind"], "count">;

/** What each window must say; the others it can say are the same for all. The first one needs no word before it. */
const NEEDS: Readonly<Record<TimedKind, readonly DurationPart[]>> = {
  tumbling: ["size"],
  hopping: ["size", "advance"],
  cumulating: ["size", "advance"],
  sliding: ["size"],
  session: ["gap"],
};
const WRITTEN: Readonly<Record<WindowPart["name"], string>> = {
  size: "SIZE 1 MINUTE",
  advance: "ADVANCE BY 10 SECONDS",
  gap: "GAP 30 SECONDS",
  grace: "GRACE PERIOD 10 SECONDS",
  offset: "OFFSET 15 MINUTES",
  retention: "RETENTION 1 DAY",
  "time zone": "TIME ZONE 'UTC'",
};

/** The functions of GROUP BY that are windows, as in the first Lenses: pairs of a number and a unit. */
const WINDOW_CALLS: Readonly<Record<string, TimedKind>> = { TUMBLE: "tumbling", HOP: "hopping", SLIDING: "sliding", SESSION: "session" };

/** WINDOW, with the spellings of ksqlDB and of both Lenses, and durations. */
export abstract class WindowRules extends KcqlClauseRules {
  // --- durations --------------------------------------------------------------------------------

  readonly duration: Rule<Duration> = this.rule("duration", missingDuration, (start) =>
    this.OR([
      {
        ALT: () => {
          const count = this.CONSUME(NumberToken);
          const unit = this.SUBRULE(this.timeUnit);
          return this.ACTION(() => this.#duration(count.image, unit.image, this.tokenSpan(unit), this.spanFrom(start)));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(GluedNumber);
          return this.ACTION(() => {
            const span = this.tokenSpan(token);
            const [count = ""] = /^[\d.]*/.exec(token.image) ?? [];
            return this.#duration(count, token.image.slice(count.length), { start: span.start + count.length, end: span.end }, span);
          });
        },
      },
    ]),
  );

  /** Any word here: with tokens of their own, `m`, `s` and `d` could not be aliases. */
  readonly timeUnit: Rule<IToken> = this.RULE("timeUnit", () => this.CONSUME(Word), { recoveryValueFunc: () => this.LA(1) });

  #duration(countText: string, unitText: string, unitSpan: Span, span: Span): Duration {
    const count = /^\d+$/.test(countText) ? Number(countText) : Number.NaN;
    const unit = DURATION_UNITS.get(unitText.toUpperCase());
    if (unit === undefined) {
      const close = nearest(
        unitText,
        [...DURATION_UNITS.keys()].filter((word) => word.length > 2),
      );
      const hint = close === null ? "units are MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS and WEEKS" : `did you mean ${close}?`;
      this.report("SYNTAX", `expected a time unit, but found '${unitText}'`, unitSpan, hint);
    } else if (!Number.isSafeInteger(count * UNIT_MS[unit])) {
      this.report("VALUE_OUT_OF_RANGE", "a duration takes a whole number", span, "a smaller unit has one: 90 SECONDS");
    }
    return { count, unit: unit ?? "MILLISECOND", span };
  }

  /** `GRACE PERIOD 10 SECONDS`, of windows and joins. */
  readonly grace: Rule<Duration> = this.rule("grace", missingDuration, () => {
    this.CONSUME(K.GRACE);
    this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(K.PERIOD) }, { ALT: () => this.CONSUME(K.BY) }]));
    return this.SUBRULE(this.duration);
  });

  readonly text: Rule<string> = this.rule("text", missingText, () => {
    const token = this.CONSUME(StringToken);
    return this.ACTION(() => unquote(token.image));
  });

  // --- WINDOW -----------------------------------------------------------------------------------

  readonly window: Rule<Window> = this.rule("window", missingWindow, (start) => {
    this.CONSUME(K.WINDOW);
    return this.OR([
      { ALT: (): Window => this.SUBRULE(this.timedWindow) },
      { ALT: (): Window => this.SUBRULE(this.countWindow) },
      {
        ALT: (): Window => {
          this.CONSUME(K.BY);
          return this.#lensesWindow(start);
        },
      },
    ]);
  });

  /** `TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)` */
  readonly timedWindow: Rule<Window> = this.rule("timedWindow", missingWindow, (start) => {
    const word = this.OR([
      { ALT: () => this.CONSUME(K.TUMBLING) },
      { ALT: () => this.CONSUME(K.HOPPING) },
      { ALT: () => this.CONSUME(K.CUMULATING) },
      { ALT: () => this.CONSUME(K.SLIDING) },
      { ALT: () => this.CONSUME(K.SESSION) },
    ]);
    this.CONSUME(LeftParen);
    const kind = this.ACTION(() => word.image.toLowerCase() as TimedKind);
    const parts: WindowPart[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => parts.push(this.SUBRULE(this.windowPart)),
    });
    this.CONSUME(RightParen);
    return this.ACTION(() => this.#timed(kind, parts, this.spanFrom(start)));
  });

  readonly windowPart: Rule<WindowPart> = this.rule("windowPart", missingWindowPart, (start) => {
    const name = (part: DurationPart, value: Duration): WindowPart =>
      this.ACTION((): WindowPart => ({ name: part, value, span: this.spanFrom(start) }));
    return this.OR([
      {
        ALT: () => {
          this.CONSUME(K.SIZE);
          return name("size", this.SUBRULE(this.duration));
        },
      },
      {
        ALT: () => {
          this.OR1([{ ALT: () => this.CONSUME(K.ADVANCE) }, { ALT: () => this.CONSUME(K.STEP) }]);
          this.OPTION(() => this.CONSUME(K.BY));
          return name("advance", this.SUBRULE1(this.duration));
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.GAP);
          return name("gap", this.SUBRULE2(this.duration));
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.OFFSET);
          return name("offset", this.SUBRULE3(this.duration));
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.RETENTION);
          return name("retention", this.SUBRULE4(this.duration));
        },
      },
      { ALT: () => name("grace", this.SUBRULE(this.grace)) },
      {
        ALT: (): WindowPart => {
          this.CONSUME(K.TIME);
          this.CONSUME(K.ZONE);
          const value = this.SUBRULE(this.text);
          return this.ACTION((): WindowPart => ({ name: "time zone", value, span: this.spanFrom(start) }));
        },
      },
      { ALT: () => name("gap", this.SUBRULE5(this.duration)) },
    ]);
  });

  /** `COUNT (SIZE 100, ADVANCE BY 10)`: rows, not time. */
  readonly countWindow: Rule<Window> = this.rule("countWindow", missingWindow, (start) => {
    this.CONSUME(K.COUNT);
    this.CONSUME(LeftParen);
    this.OPTION(() => this.CONSUME(K.SIZE));
    const size = this.CONSUME(NumberToken);
    const advance = this.OPTION1(() => {
      this.CONSUME(Comma);
      this.CONSUME(K.ADVANCE);
      this.CONSUME(K.BY);
      return this.CONSUME1(NumberToken);
    });
    this.CONSUME(RightParen);
    return this.ACTION(
      (): CountWindow => ({
        kind: "count",
        size: this.wholeNumber("SIZE", size),
        advance: advance === undefined ? null : this.wholeNumber("ADVANCE BY", advance),
        ...NO_OPTIONS,
        span: this.spanFrom(start),
      }),
    );
  });

  /** Behind WINDOW BY: `TUMBLE 5m`, `HOP 5m,1m`, `SESSION 30s`. */
  #lensesWindow(start: number): Window {
    const word = this.OR1([
      { ALT: () => this.CONSUME(K.TUMBLE) },
      { ALT: () => this.CONSUME(K.HOP) },
      { ALT: () => this.CONSUME(K.SLIDING) },
      { ALT: () => this.CONSUME(K.SESSION) },
    ]);
    const durations: Duration[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => durations.push(this.SUBRULE(this.duration)) });
    const grace = this.OPTION(() => this.SUBRULE(this.grace)) ?? null;
    return this.ACTION(() => {
      const kind = WINDOW_CALLS[word.image.toUpperCase()] ?? "tumbling";
      const parts = this.#inOrder(kind, durations);
      if (grace !== null) parts.push({ name: "grace", value: grace, span: grace.span });
      return this.#timed(kind, parts, this.spanFrom(start));
    });
  }

  /** `tumble(1, m)` in GROUP BY; null: an ordinary expression. */
  protected windowCall(expr: Expr): Window | null {
    if (expr.kind !== "call" || expr.name.quoted || expr.args.length === 0 || expr.args.length % 2 === 1) return null;
    const kind = WINDOW_CALLS[expr.name.name.toUpperCase()];
    if (kind === undefined) return null;
    const durations: Duration[] = [];
    for (let index = 0; index < expr.args.length; index += 2) {
      const [count, unit] = expr.args.slice(index, index + 2);
      if (count?.kind !== "number" || unit?.kind !== "ref") return null;
      const span = { start: count.span.start, end: unit.span.end };
      durations.push(this.#duration(count.text, unit.path.parts.map(({ name }) => name).join("."), unit.span, span));
    }
    return this.#timed(kind, this.#inOrder(kind, durations), expr.span);
  }

  #inOrder(kind: TimedKind, durations: readonly Duration[]): WindowPart[] {
    const extra = durations[NEEDS[kind].length];
    if (extra !== undefined)
      this.report("SYNTAX", `a ${kind} window has ${NEEDS[kind].length} durations`, extra.span, `write WINDOW ${example(kind)}`);
    return NEEDS[kind].flatMap((name, index): WindowPart[] => {
      const value = durations[index];
      return value === undefined ? [] : [{ name, value, span: value.span }];
    });
  }

  #timed(kind: TimedKind, written: readonly WindowPart[], span: Span): Window {
    const bare = written.find((part) => part.name === "gap" && part.span.start === part.value.span.start);
    const parts = written.map((part) => (part === bare ? ({ ...part, name: NEEDS[kind][0] } as WindowPart) : part));
    this.#check(kind, parts, span);
    const find = (name: DurationPart): Duration | null =>
      parts.find((part): part is Extract<WindowPart, { value: Duration }> => part.name === name)?.value ?? null;
    const needed = (name: DurationPart): Duration => find(name) ?? missingDuration({ start: span.end, end: span.end });
    const zone = parts.find((part) => part.name === "time zone");
    const options = {
      grace: find("grace"),
      offset: find("offset"),
      timeZone: zone === undefined ? null : (zone.value as string),
      retention: find("retention"),
      span,
    };
    if (kind === "session") return { kind, gap: needed("gap"), ...options };
    if (kind === "tumbling" || kind === "sliding") return { kind, size: needed("size"), ...options };
    return { kind, size: needed("size"), advance: needed("advance"), ...options };
  }

  #check(kind: TimedKind, parts: readonly WindowPart[], span: Span): void {
    const [mine, others] = [NEEDS[kind], ["size", "advance", "gap"]];
    const seen = new Set<string>();
    for (const { name, value, span: at } of parts) {
      const word = WRITTEN[name].replace(/ (\d|').*/, "");
      if (seen.has(name)) this.report("DUPLICATE_CLAUSE", `${word} is given twice`, at, "keep one of them");
      seen.add(name);
      if (others.includes(name) && !(mine as readonly string[]).includes(name)) {
        this.report("SYNTAX", `a ${kind} window has no ${word}`, at, `write WINDOW ${example(kind)}`);
      } else if ((mine as readonly string[]).includes(name) && (value as Duration).count === 0) {
        const what = name === "size" ? "the size of a window" : word;
        this.report("VALUE_OUT_OF_RANGE", `${what} must be greater than 0`, (value as Duration).span, `for example ${WRITTEN[name]}`);
      }
    }
    const lacking = mine.find((name) => !seen.has(name));
    if (lacking !== undefined) this.report("SYNTAX", `a ${kind} window needs ${WRITTEN[lacking]}`, span, `write WINDOW ${example(kind)}`);
  }
}

const NO_OPTIONS = { grace: null, offset: null, timeZone: null, retention: null } as const;
const example = (kind: TimedKind): string => `${kind.toUpperCase()} (${NEEDS[kind].map((name) => WRITTEN[name]).join(", ")})`;
