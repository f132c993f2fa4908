import { ANY } from "../../model/type.ts";
import type { LateInput } from "../pipeline-plan.ts";
import { CodeWriter } from "./code-writer.ts";
import type { GeneratedFunction } from "./generated-function.ts";
import { declareColumns, objectCode, valueCode } from "./output-code.ts";
import { RowScope } from "./row-scope.ts";

/**
 * One record that came too late for all its windows, as it is: `(batch, row, task, out) => message | null`, where the message says
 * why no document can be made of it. `of`: a topic's records, those of one of several that are merged, or rows that have other places
 * than their records.
 */
export function lateCode({ fields, columns, document }: LateInput, of: "log" | "merged" | "rows"): GeneratedFunction {
  const body = new CodeWriter();
  const scope = new LateScope(body, fields, columns);
  if (document.whole === null) objectCode(document.columns, scope);
  else valueCode({ kind: "field", type: ANY, index: document.whole }, scope);
  const place = of === "rows" ? "task.writeId(row, w);" : "w.utf8(task.idBefore); w.number(slices.offsets[row]);";
  body.line(`out.beginId(); ${place} w.utf8(task.lateIdAfter);`);
  body.line("if (slices.keyStarts[row] >= 0) { out.beginKey(); w.bytes(bytes, slices.keyStarts[row], slices.keyEnds[row]); }");
  body.line(
    `out.addUpsert(task.versions[row], slices.timestampsMs[row], ${of === "merged" ? "task.sequences" : "slices.offsets"}[row], 0, null);`,
  );
  body.line("return null;");
  const head = new CodeWriter();
  head.line("const { slices } = batch, { bytes } = slices, w = out.writer;");
  declareColumns(head, scope.usedColumns);
  for (const constant of scope.constants) head.line(constant);
  return { parameters: "batch, row, task, out", body: `${head}\n${body}`, statics: scope.statics };
}

class LateScope extends RowScope {
  override fail(message: string): string {
    return `{ out.discard(); return ${message}; }`;
  }
}
