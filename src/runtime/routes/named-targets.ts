import { LIMITS } from "../../limits.ts";
import type { BoundTargetName } from "../../model/statement.ts";
import { inKeyspace, nameRuleBroken } from "../../model/target-name.ts";
import type { NamedTarget } from "../../plan/code/task.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import { TargetNames } from "./target-names.ts";

interface Known {
  /** Names by time, where they are dated. */
  readonly dated: TargetNames | null;
  /** The answer for the name of the time before. */
  last: NamedTarget;
}

/** The targets that the records of one statement and partition name: each is checked once. */
export class NamedTargets {
  private readonly rule: BoundTargetName["rule"];
  private readonly text: string;
  private readonly keyspace: string | null;
  private readonly suffix: string | null;
  /** The topic that is read: a record that names it would be read again, for ever. */
  private readonly own: string | null;
  private readonly known = new Map<string, Known>();

  private constructor({ rule, text, keyspace }: BoundTargetName, suffix: string | null, own: string | null) {
    this.rule = rule;
    this.text = text;
    this.keyspace = keyspace ?? null;
    this.suffix = suffix;
    this.own = own;
  }

  /** null: the statement has one target. */
  static of({ statement, route }: StatementPlan): NamedTargets | null {
    const { targetName, source } = statement;
    if (route === null || targetName === null) return null;
    const isLoop = route.kind === "topic" && route.connection === source.connection;
    return new NamedTargets(targetName, route.suffix, isLoop ? source.topic : null);
  }

  at(name: string, timeMs: number): NamedTarget {
    const known = this.known.get(name);
    if (known === undefined) return this.add(name, timeMs);
    if (known.dated === null) return known.last;
    const dated = known.dated.at(timeMs);
    if (dated !== known.last.name) known.last = this.checked(dated);
    return known.last;
  }

  /** What cannot be a target is not kept in mind: there is no end of such names. */
  private add(name: string, timeMs: number): NamedTarget {
    const { keyspace, suffix } = this;
    const whole = inKeyspace(keyspace, name);
    const dated = TargetNames.of({ name: whole, suffix });
    const target = this.checked(dated === null ? whole : dated.at(timeMs));
    if (target.problem !== null) return target;
    const { namedTargetsMax } = LIMITS;
    if (this.known.size < namedTargetsMax) this.known.set(name, { dated, last: target });
    else return { ...target, problem: `${this.text}: '${name}' is one target more than ${namedTargetsMax} (namedTargetsMax)` };
    return target;
  }

  private checked(name: string): NamedTarget {
    const broken = name === this.own ? "it is the topic that the statement reads" : nameRuleBroken(this.rule, name);
    return { name, problem: broken === null ? null : `${this.text}: '${shortened(name)}' names no target: ${broken}` };
  }
}

const SHOWN_MAX = 80;

function shortened(name: string): string {
  return name.length > SHOWN_MAX ? `${name.slice(0, SHOWN_MAX)}…` : name;
}
