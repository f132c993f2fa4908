import type { ByteWriter } from "../../model/byte-writer.ts";
import { type ColumnBatch, Tag } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { FieldRef } from "../../model/statement.ts";
import { throwCode } from "./code.ts";
import { CodeWriter } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { FunctionCache, functionText, type GeneratedFunction } from "./generated-function.ts";
import { helpers } from "./helpers.ts";
import { keyValueCode, writeKeyCode } from "./key-value-code.ts";
import { declareColumns } from "./output-code.ts";
import { RowScope } from "./row-scope.ts";
import type { GroupKeys } from "./task.ts";

/** What stands in place of a key id: a part of the key is NULL (or nobody has such a key); it cannot be computed; nobody wants the row. */
export const NO_KEY = -1;
export const FAILED_KEY = -2;
export const UNWANTED_KEY = -3;

/** What a function that reads keys works with. */
export interface KeyTask {
  readonly keys: GroupKeys;
  /** Of the reader, in `GroupKeys.idsBy`. */
  readonly reader: number;
  readonly keyWriter: ByteWriter;
  /** By row of the batch. */
  readonly ids: Int32Array;
  failed(row: number, message: string): void;
}

/** Fills in the ids of the keys of rows [from, to). */
export type ReadKeys = (batch: ColumnBatch, from: number, to: number, task: KeyTask) => void;

/** What a condition says of a pair of rows. Before it is asked: `unasked` pairs are not looked at. */
export const Verdict = { unasked: 0, asked: 1, true: 2, false: 3, failed: 4 } as const;

export interface PairTask {
  /** By row of the batch. */
  readonly verdicts: Uint8Array;
  failed(row: number, message: string): void;
}

/** A condition over joined rows: gives each of rows [from, to) that is `asked` its verdict. */
export interface PairTest {
  readonly judge: (batch: ColumnBatch, from: number, to: number, task: PairTask) => void;
  /** Numbers of the columns that it reads. */
  readonly columns: readonly number[];
}

export interface KeysInput {
  /** The parts of the key. */
  readonly key: readonly BoundExpr[];
  readonly fields: readonly FieldRef[];
  /** The column of each field in the batches that are read; what the key does not read may have any. */
  readonly columns: readonly number[];
  /** Whether keys that nobody has are made. */
  readonly makes: boolean;
  /** NULL is a value like any other; left out: a key that it is in is none. */
  readonly nullsEqual?: boolean;
  /** Conditions that have to be true of a row that is wanted; left out: every row is. */
  readonly wanted?: readonly BoundExpr[];
}

/** An error ends the row, and is told with it. */
export class TellingScope extends RowScope {
  private readonly leave: string;

  constructor(writer: CodeWriter, fields: readonly FieldRef[], columns: readonly number[], leave: string) {
    super(writer, fields, columns);
    this.leave = leave;
  }

  override fail(message: string): string {
    if (this.parameters.length > 0) return throwCode(message);
    return `{ task.failed(row, ${message}); ${this.leave} continue rows; }`;
  }
}

/** A condition that cannot be judged keeps the row: WHERE says what becomes of it, where it comes that far. */
class WantedScope extends RowScope {
  override fail(message: string): string {
    return this.parameters.length > 0 ? throwCode(message) : "break judged;";
  }
}

/** `ReadKeys`. */
export function keysCode({ key, fields, columns, makes, nullsEqual = false, wanted = [] }: KeysInput): GeneratedFunction {
  const body = new CodeWriter();
  const scope = new TellingScope(body, fields, columns, `ids[row] = ${FAILED_KEY};`);
  const judging = new WantedScope(body, fields, columns);
  const lies = plainKeyField(key);
  const find = makes ? "intern" : "find";
  body.block("rows: for (let row = from; row < to; row++)", () => {
    const judge = (): void => {
      for (const condition of wanted) unwantedCode(condition, judging);
    };
    if (wanted.length > 0) body.block("judged:", judge);
    if (lies !== null) plainKeyCode(lies, find, scope);
    const values = key.map((expr) => {
      const value = body.fresh("g");
      body.line(`let ${value} = null;`);
      keyValueCode(expr, value, nullsEqual ? "partitioned" : "joined", scope);
      if (!nullsEqual) body.line(`if (${value} === null) { ids[row] = ${NO_KEY}; continue; }`);
      return value;
    });
    writeKeyCode(values, body);
    body.line(`ids[row] = keys.${find}(keyWriter.view(), 0, keyWriter.length);`);
  });
  const head = new CodeWriter();
  head.line("const { keys, keyWriter, ids, reader } = task;");
  head.line("const { slices } = batch, { offsets, timestampsMs: timestamps } = slices;");
  declareColumns(head, new Set([...scope.usedColumns, ...judging.usedColumns]));
  for (const constant of [...scope.constants, ...judging.constants]) head.line(constant);
  return { parameters: "batch, from, to, task", body: `${head}\n${body}`, statics: [...scope.statics, ...judging.statics] };
}

/** Leaves the row where the condition is not true. */
function unwantedCode(condition: BoundExpr, scope: RowScope): void {
  const { value, isNull } = expressionCode(condition, scope, "boolean");
  const isTrue = isNull === "false" ? value : `!(${isNull}) && ${value}`;
  scope.writer.line(`if (!(${isTrue})) { ids[row] = ${UNWANTED_KEY}; continue rows; }`);
}

/** A key that is one field which may hold strings: those are looked up where they lie. */
export function plainKeyField(key: readonly BoundExpr[]): number | null {
  const [only] = key;
  if (key.length !== 1 || only?.kind !== "field") return null;
  return only.type.kind === "any" || only.type.kind === "string" ? only.index : null;
}

/** Leaves the row where its key is a string that need not be decoded. */
function plainKeyCode(field: number, find: string, scope: RowScope): void {
  const { writer } = scope;
  const { t, b, s, e, i, d } = scope.column(field);
  const byString = scope.constant(`keys.idsBy(${d}, reader)`);
  const known = scope.constant(`${i} === null ? keys.lookUp(${b}, ${t}, ${s}, ${e}, from, to) : null`);
  writer.block(`if (${t}[row] === ${Tag.string} || ${t}[row] === ${Tag.text})`, () => {
    writer.line(`const stringId = ${i} === null ? -1 : ${i}[row];`);
    writer.line(`let keyId = stringId >= 0 ? ${byString}[stringId] : ${known} !== null ? ${known}[row] : -1;`);
    writer.block("if (keyId < 0)", () => {
      writer.line(`if (${t}[row] === ${Tag.string}) keyId = keys.${find}(${b}, ${s}[row] - 1, ${e}[row] + 1);`);
      writer.block("else", () => {
        writer.line(`keyWriter.reset(); keyWriter.jsonStringFromUtf8(${b}, ${s}[row], ${e}[row]);`);
        writer.line(`keyId = keys.${find}(keyWriter.view(), 0, keyWriter.length);`);
      });
      writer.line(`if (stringId >= 0) ${byString}[stringId] = keyId;`);
    });
    writer.line("ids[row] = keyId; continue;");
  });
}

/** `PairTest.judge`. `columns`: of each field in the joined batch. */
export function pairTestCode(
  condition: BoundExpr,
  fields: readonly FieldRef[],
  columns: readonly number[],
): GeneratedFunction & Pick<PairTest, "columns"> {
  const body = new CodeWriter();
  const scope = new TellingScope(body, fields, columns, `verdicts[row] = ${Verdict.failed};`);
  body.block("rows: for (let row = from; row < to; row++)", () => {
    body.line(`if (verdicts[row] === ${Verdict.unasked}) continue;`);
    const { value, isNull } = expressionCode(condition, scope, "boolean");
    const isTrue = isNull === "false" ? value : `!(${isNull}) && ${value}`;
    body.line(`verdicts[row] = ${isTrue} ? ${Verdict.true} : ${Verdict.false};`);
  });
  const head = new CodeWriter();
  head.line("const { verdicts } = task;");
  head.line("const { slices } = batch, { offsets, timestampsMs: timestamps } = slices;");
  declareColumns(head, scope.usedColumns);
  for (const constant of scope.constants) head.line(constant);
  const text = { parameters: "batch, from, to, task", body: `${head}\n${body}`, statics: scope.statics };
  return { ...text, columns: [...scope.usedColumns] };
}

export function compileKeys(input: KeysInput, cache = new FunctionCache()): { readonly read: ReadKeys; readonly source: string } {
  const code = keysCode(input);
  return { read: cache.instantiate(code, helpers), source: functionText("keys", code) };
}

export function compilePairTest(
  condition: BoundExpr,
  fields: readonly FieldRef[],
  columns: readonly number[],
  cache = new FunctionCache(),
): PairTest & { readonly source: string } {
  const code = pairTestCode(condition, fields, columns);
  return { judge: cache.instantiate(code, helpers), columns: code.columns, source: functionText("pairs", code) };
}
