import type { Collector } from "../../functions/collector.ts";
import type { Accumulator } from "../../functions/spec.ts";
import type { Value } from "../../model/value.ts";
import { literalCode } from "./code-writer.ts";
import type { FunctionCache } from "./generated-function.ts";
import { helpers } from "./helpers.ts";

type Cells = number[];

/** An aggregate whose state is a few numbers, for who keeps states of all kinds: generated from the same text. */
export function cellCollector({ initial, step, retract, finish, refuse }: Accumulator, cache: FunctionCache): Collector {
  const cell = (index: number): string => `cells[${index}]`;
  const make = <T>(parameters: string, body: string): T => cache.instantiate<T>({ parameters, body, statics: [] }, helpers);
  const add = make<(cells: Cells, value: Value) => void>("cells, value", step(cell, "value"));
  const take = retract === undefined ? null : make<(cells: Cells, value: Value) => void>("cells, value", retract(cell, "value"));
  const refused = refuse?.(cell);
  const { value, isNull } = finish(cell);
  const problem = refused === undefined ? "" : `if (${refused.when}) throw new RangeError(${literalCode(refused.why)});\n`;
  const result = make<(cells: Cells) => Value>("cells", `${problem}return ${isNull} ? null : ${value};`);
  const collector: Collector<Cells> = {
    stateBytes: 32 + initial.length * 8,
    create: () => [...initial],
    add: (cells, given = 0) => {
      add(cells, given);
      return 0;
    },
    ...(take === null
      ? {}
      : {
          retract: (cells: Cells, given: Value = 0) => {
            take(cells, given);
            return 0;
          },
        }),
    result,
    save: (cells) => [...cells],
    load: (kept) => [...(kept as readonly number[])],
  };
  return collector as Collector;
}
