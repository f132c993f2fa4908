import { compileIndexSuffix } from "../../model/date-pattern.ts";
import type { RouteTarget } from "../../ports/sink.ts";

/** Names of dated targets by time; most neighbours in time share one, so the last answer is kept. */
export class TargetNames {
  private readonly name: string;
  private readonly format: (timestampMs: number) => string;
  private readonly granularityMs: number;
  private bucket = Number.NaN;
  private current = "";

  private constructor(name: string, pattern: string, format: (timestampMs: number) => string) {
    this.name = name;
    this.format = format;
    this.granularityMs = pattern.includes("S") ? 1 : pattern.includes("s") ? 1000 : 60_000;
  }

  /** null: the target has one name. */
  static of(target: Pick<RouteTarget, "name" | "suffix"> | null): TargetNames | null {
    if (target === null || target.suffix === null) return null;
    const compiled = compileIndexSuffix(target.suffix);
    if (!compiled.ok) throw new Error(`assertion failed: suffix ${target.suffix}: ${compiled.message}`);
    return new TargetNames(target.name, target.suffix, compiled.format);
  }

  at(timeMs: number): string {
    const bucket = Math.floor(timeMs / this.granularityMs);
    if (bucket !== this.bucket) {
      this.bucket = bucket;
      this.current = this.name + this.format(timeMs);
    }
    return this.current;
  }
}
