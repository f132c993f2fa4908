import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { SluiceError } from "../../errors.ts";
import type { ShownPlan } from "../../fleet/plan-changes.ts";
import { LIMITS } from "../../limits.ts";
import { readSourceText, reasonOf } from "../../project/source-text.ts";
import type { PlanBody } from "../../server/routes/plan.ts";

/** A plan as it was looked at: what was sent, with the files' texts, and what the server made of it. */
export interface SavedPlan {
  readonly request: PlanBody;
  readonly plan: ShownPlan;
}

const FORMAT = 1;
/** Texts are there twice: as they are, and in diffs. */
const BYTES_MAX = 4 * LIMITS.planBytesMax;

export async function savePlan(file: string, saved: SavedPlan): Promise<void> {
  const text = JSON.stringify({ sluicePlan: FORMAT, sha256: hashOf(saved), ...saved }, null, 2);
  await writeFile(file, `${text}\n`).catch((error: unknown) => {
    throw new SluiceError("FILE_UNREADABLE", `cannot write ${file}: ${reasonOf(error)}`, { cause: error });
  });
}

/** Rejects with FILE_UNREADABLE for what is no plan, or was changed by hand. */
export async function readPlan(file: string): Promise<SavedPlan> {
  const { text } = await readSourceText(file, BYTES_MAX);
  const read = parsed(text);
  const unreadable = (problem: string): SluiceError =>
    new SluiceError("FILE_UNREADABLE", `${file} ${problem}`, { hint: "sluice plan --out FILE makes one" });
  if (read === null || read.sluicePlan !== FORMAT) throw unreadable("is no plan of this version");
  const saved: SavedPlan = { request: read.request, plan: read.plan };
  if (read.sha256 !== hashOf(saved)) throw unreadable("is not as sluice plan wrote it");
  return saved;
}

function parsed(text: string): (SavedPlan & { readonly sluicePlan: unknown; readonly sha256: unknown }) | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "sluicePlan" in value ? (value as ReturnType<typeof parsed>) : null;
  } catch {
    return null;
  }
}

function hashOf({ request, plan }: SavedPlan): string {
  return createHash("sha256")
    .update(JSON.stringify([request, plan]))
    .digest("hex");
}
