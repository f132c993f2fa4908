import { isStateful } from "../model/statement.ts";
import type { RouteTarget } from "../ports/sink.ts";
import { type KeptChange, keptChangeOf, routeOf, sentTo } from "../runtime/tasks/kept-change.ts";
import type { FoundLetter } from "./dead-letters.ts";

/** A refused change, whole, and the way that it went. */
export interface RefusedResult {
  readonly found: FoundLetter;
  readonly change: KeptChange;
  readonly route: RouteTarget;
}

/** What a redrive does about a letter: it puts the record back, sends the refused change again, or nothing, and why not. */
export type Redriving =
  | { readonly sends: "record" }
  | { readonly sends: "result"; readonly result: RefusedResult }
  | { readonly sends: "nothing"; readonly why: string };

/** What a statement with a state could read is in it: its record would be counted again. */
export function redrivingOf(found: FoundLetter): Redriving {
  const { letter, writer } = found;
  if (letter.redrivenAt !== undefined) return { sends: "nothing", why: "it is redriven" };
  if (letter.step === "read" || !isStateful(writer.statement)) return { sends: "record" };
  const result = refusedResult(found);
  return typeof result === "string" ? { sends: "nothing", why: result } : { sends: "result", result };
}

/** The change that a target refused; a text: why it cannot be sent again. */
export function refusedResult(found: FoundLetter): RefusedResult | string {
  const { letter, writer } = found;
  if (!letter.step.startsWith("write ")) return "the result could not be made, so that there is nothing to send; a replay makes it anew";
  const change = keptChangeOf(letter.change);
  if (change === null) return "an earlier release kept the letter, without what is needed to send the result again; a replay makes it anew";
  if ("left" in change) return LEFT[change.left];
  const now = sentTo(writer, change.to);
  const route = routeOf(writer, change.to);
  if (now === null || route === null) return `${change.target} refused it, and the statement does not write there any more`;
  if (now.target !== change.target) return `${change.target} refused it, and the statement writes to ${now.target} now`;
  if (now.text !== change.text) return "the statement has changed since, and would not make that result; a replay makes it anew";
  if (change.operation === "upsert" && letter.document === null) return LEFT.long;
  return { found, change, route };
}

const LEFT = {
  masked: "fields of it are masked (dead.letters.mask), so that it was not kept; a replay makes it anew",
  long: "it was too long to be kept in a letter; a replay makes it anew",
} as const;
