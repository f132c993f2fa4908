/**
 * What may stand where: a walk over the grammar that follows every reading of a token list at once. Chevrotain parses
 * with the same productions but forgets them; this serves completion, and error messages that say what was expected.
 */
import {
  Alternation,
  type Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  type RepetitionMandatory,
  type RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  type Rule,
  Terminal,
  type TokenType,
} from "chevrotain";
import { sharedParser } from "./statements.ts";

/** A place in a rule, and where to go on after its end. Equal frames are one object, so loops and shared ends cost nothing. */
interface Frame {
  readonly id: number;
  readonly sequence: readonly IProduction[];
  readonly at: number;
  readonly next: Frame | null;
}

/** All places where the text read so far can be; null is the end of the start rule. */
export type Places = readonly (Frame | null)[];

export interface Candidate {
  readonly type: TokenType;
  readonly frame: Frame;
  readonly rest: Frame;
}

/** The tokens that fit next, and whether the text may end here. */
export interface Outlook {
  readonly candidates: readonly Candidate[];
  readonly end: boolean;
}

/** The memory of frames grows with the contexts seen; beyond this it starts anew. */
const FRAMES_MAX = 100_000;

export class GrammarWalker {
  readonly #rules: Readonly<Record<string, Rule>>;
  readonly #ruleOf = new Map<readonly IProduction[], string>();
  readonly #frames = new Map<readonly IProduction[], Map<string, Frame>>();
  readonly #loops = new Map<IProduction, IProduction[]>();
  #frameCount = 0;

  constructor(rules: Readonly<Record<string, Rule>>) {
    this.#rules = rules;
    for (const rule of Object.values(rules)) this.#register(rule.definition, rule.name);
  }

  get isFull(): boolean {
    return this.#frameCount > FRAMES_MAX;
  }

  start(ruleName: string): Places {
    return [this.#frame(this.#definitionOf(ruleName), 0, null)];
  }

  look(places: Places): Outlook {
    const candidates: Candidate[] = [];
    const seen = new Set<number>();
    let end = false;
    for (const place of places) end = this.#expand(place, seen, candidates) || end;
    return { candidates, end };
  }

  /** The places after a token that fits; none if it does not. */
  step(outlook: Outlook, fits: (type: TokenType) => boolean): Places {
    const after = new Map<number, Frame>();
    for (const { type, rest } of outlook.candidates) if (fits(type)) after.set(rest.id, rest);
    return [...after.values()];
  }

  /** Names of the rules around a candidate, innermost first. */
  rulesAround(candidate: Candidate): string[] {
    const names: string[] = [];
    for (let frame: Frame | null = candidate.frame; frame !== null; frame = frame.next) {
      const name = this.#ruleOf.get(frame.sequence);
      if (name !== undefined && name !== names.at(-1)) names.push(name);
    }
    return names;
  }

  #register(sequence: readonly IProduction[], ruleName: string): void {
    this.#ruleOf.set(sequence, ruleName);
    for (const production of sequence) {
      if (production instanceof Terminal || production instanceof NonTerminal) continue;
      const sequences = production instanceof Alternation ? alternativesOf(production) : [(production as Option).definition];
      for (const inner of sequences) this.#register(inner, ruleName);
    }
  }

  #definitionOf(ruleName: string): readonly IProduction[] {
    const rule = this.#rules[ruleName];
    if (rule === undefined) throw new Error(`no rule ${ruleName}`);
    return rule.definition;
  }

  #frame(sequence: readonly IProduction[], at: number, next: Frame | null): Frame {
    let known = this.#frames.get(sequence);
    if (known === undefined) {
      known = new Map();
      this.#frames.set(sequence, known);
    }
    const key = `${at}.${next?.id ?? -1}`;
    let frame = known.get(key);
    if (frame === undefined) {
      frame = { id: this.#frameCount++, sequence, at, next };
      known.set(key, frame);
    }
    return frame;
  }

  /** Collects what fits at a place; true if the text may end there. */
  #expand(frame: Frame | null, seen: Set<number>, out: Candidate[]): boolean {
    if (frame === null) return true;
    if (seen.has(frame.id)) return false;
    seen.add(frame.id);
    const production = frame.sequence[frame.at];
    if (production === undefined) return this.#expand(frame.next, seen, out);
    const rest = this.#frame(frame.sequence, frame.at + 1, frame.next);
    const into = (sequence: readonly IProduction[], then: Frame): boolean => this.#expand(this.#frame(sequence, 0, then), seen, out);
    if (production instanceof Terminal) {
      out.push({ type: production.terminalType, frame, rest });
      return false;
    }
    if (production instanceof NonTerminal) return into(this.#definitionOf(production.nonTerminalName), rest);
    if (production instanceof Alternation) {
      return alternativesOf(production)
        .map((sequence) => into(sequence, rest))
        .includes(true);
    }
    if (production instanceof Option) return [into(production.definition, rest), this.#expand(rest, seen, out)].includes(true);
    if (production instanceof Repetition) return [into(production.definition, frame), this.#expand(rest, seen, out)].includes(true);
    const end = this.#expandRepetition(production as RepetitionMandatory, rest, into);
    return production instanceof RepetitionWithSeparator ? [end, this.#expand(rest, seen, out)].includes(true) : end;
  }

  /** One or more, with or without separator: the definition once, then zero or more times (separator and) definition. */
  #expandRepetition(
    production: RepetitionMandatory | RepetitionMandatoryWithSeparator | RepetitionWithSeparator,
    rest: Frame,
    into: (sequence: readonly IProduction[], then: Frame) => boolean,
  ): boolean {
    let loop = this.#loops.get(production);
    if (loop === undefined) {
      const separator = "separator" in production ? [new Terminal({ terminalType: production.separator })] : [];
      loop = [new Repetition({ definition: [...separator, ...production.definition] })];
      this.#loops.set(production, loop);
      this.#register(loop, this.#ruleOf.get(production.definition) ?? "");
    }
    return into(production.definition, this.#frame(loop, 0, rest));
  }
}

const alternativesOf = (production: Alternation): IProduction[][] =>
  (production.definition as Alternative[]).map((alternative) => alternative.definition);

let shared: GrammarWalker | null = null;

export function sharedWalker(): GrammarWalker {
  if (shared === null || shared.isFull) shared = new GrammarWalker(sharedParser().getGAstProductions());
  return shared;
}
