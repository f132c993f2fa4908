import { likeliest } from "../../grammar/nearest.ts";
import { SluiceError } from "../errors.ts";
import type { BeginChoice } from "./classify-change.ts";
import type { Deployment, Labels } from "./deployment.ts";

/** A pipeline as files say it should be. */
export interface DesiredPipeline {
  readonly name: string;
  readonly text: string;
  readonly labels: Labels;
  /** Where statements begin whose state does not fit; null: that has to be said each time. */
  readonly onChange: BeginChoice | null;
  /** A plan that would drop it is refused. */
  readonly isProtected: boolean;
}

/** What somebody wants a server's pipelines to be. */
export interface PlanRequest {
  /** Whose they are: what carries another label, or none, is not touched. */
  readonly owner: string;
  readonly pipelines: readonly DesiredPipeline[];
  /** Where statements begin whose state does not fit: by `pipeline/statement`, by `statement` or by `pipeline`. */
  readonly begin: Readonly<Record<string, BeginChoice>>;
  /** The pipelines that it is about; null: all. */
  readonly targets: readonly string[] | null;
  readonly allow: readonly "destructive"[];
}

/** The label that says which project a pipeline comes from. */
export const OWNER_LABEL = "managed_by";
export const PROTECTED_LABEL = "prevent_destroy";

export function isTargeted({ targets }: PlanRequest, name: string): boolean {
  return targets === null || targets.includes(name);
}

/** Where a statement is to begin whose state does not fit; null: nobody has said. */
export function chosenBeginning({ begin }: PlanRequest, { name, onChange }: DesiredPipeline, statement: string): BeginChoice | null {
  const said = [`${name}/${statement}`, statement, name].find((key) => Object.hasOwn(begin, key));
  return said === undefined ? onChange : (begin[said] ?? onChange);
}

/** Throws USAGE. */
export function refuseTwins({ pipelines }: PlanRequest): void {
  const names = new Set<string>();
  for (const { name } of pipelines) {
    if (names.has(name)) throw new SluiceError("USAGE", `the pipeline '${name}' is there twice`);
    names.add(name);
  }
}

/** A slip in a name must not leave out what was meant. Throws USAGE. */
export function refuseUnknownTargets({ targets, pipelines, owner }: PlanRequest, live: readonly Deployment[]): void {
  const own = live.filter(({ labels }) => labels[OWNER_LABEL] === owner);
  refuseUnknown("pipeline", targets ?? [], [...pipelines.map(({ name }) => name), ...own.map(({ name }) => name)]);
}

export function refuseUnknown(what: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = likeliest(unknown, known);
  throw new SluiceError("USAGE", `there is no ${what} '${unknown}' in the plan`, meant === null ? {} : { hint: `did you mean ${meant}?` });
}
