import { type Columns, condition } from "./expression-generator.ts";
import { columnsOf, groupsOf, maybeWhere, randomEmit, randomWindow, rowsOf, statementOf, type World } from "./select-generator.ts";
import { ALIASES, type JoinSpec, type SelectSpec, type StatementSpec, type WindowSpec } from "./spec.ts";

export type JoinKind = "stream-stream" | "stream-table" | "table-table" | "foreign-key" | "chain";

/** What is joined, and by which column of which relation before. */
interface Joined {
  readonly relations: readonly string[];
  readonly by?: string;
}

const JOINED: Readonly<Record<JoinKind, readonly Joined[]>> = {
  "stream-stream": [{ relations: ["s", "s2"] }],
  "stream-table": [{ relations: ["s", "d"] }],
  "table-table": [{ relations: ["d", "e"] }],
  "foreign-key": [{ relations: ["d", "e"], by: "ref" }],
  chain: [
    { relations: ["s", "s2", "d"] },
    { relations: ["s", "d", "e"] },
    { relations: ["s", "d", "s2"] },
    { relations: ["s", "s2", "s2"] },
    { relations: ["d", "e", "e"] },
  ],
};

const WINDOWS: readonly WindowSpec["kind"][] = ["tumbling", "hopping", "cumulating", "session", "count"];

/** Rows of a join, or groups of them. */
export function joinStatement(name: string, kind: JoinKind, world: World): StatementSpec {
  const { random, sources } = world;
  const { relations, by = "k" } = random.pick(JOINED[kind]);
  const [from = "s"] = relations;
  const areTables = relations.map((relation) => sources.get(relation)?.kind === "table");
  const isOfTables = areTables.every((isTable) => isTable);
  const isOne = (sources.get(from)?.partitions ?? 1) === 1;
  const [join, further] = relations.slice(1).map((right, index) => {
    const isLast = index === relations.length - 2;
    return randomJoin({ right, by, areTables: areTables.slice(0, index + 2), isChain: relations.length > 2, isLast, isOne }, world);
  });
  const joins: Pick<SelectSpec, "from" | "join" | "further"> = { from, join: join ?? null, ...(further === undefined ? {} : { further }) };
  const hasLate = [join, further].some((own) => own !== undefined && own.within !== null) && random.chance(0.25);
  const known = knownOf([join, further].filter((own) => own !== undefined));
  const columns = relations.flatMap((relation, index) => columnsOf(world, relation, ALIASES[index] ?? null));
  if (random.chance(0.3) || (!isOne && known === null)) {
    const into = !isOfTables && random.chance(0.15) ? "topic" : "table";
    const rows = statementOf(name, { ...rowsOf(columns, random), ...joins, where: maybeWhere(columns, random, 0.3) });
    return { ...rows, into, lateInto: hasLate ? `${name}_late` : null };
  }
  const own: Columns = [...columns.filter(({ of }) => of === (known ?? "l")), ...columns.filter(({ of }) => of !== (known ?? "l"))];
  const window = isOfTables || random.chance(0.2) ? null : randomWindow(random.pick(WINDOWS), world);
  const select = { ...groupsOf(own, world, { from, window, plain: isOfTables, scatters: false }), ...joins };
  const where = random.chance(0.15) ? condition(columns, random, 1) : select.where;
  const emit = isOfTables ? null : randomEmit(window, random, world.scale);
  const into = emit?.mode === "final" && random.chance(0.3) ? "topic" : "table";
  const isLate = hasLate || (window !== null && window.kind !== "count" && random.chance(0.25));
  return { ...statementOf(name, { ...select, where }), emit, into, lateInto: isLate ? `${name}_late` : null };
}

/** The relation whose key every row has; null: none. */
function knownOf(joins: readonly JoinSpec[]): string | null {
  return joins.reduce<string | null>(
    (known, { type }, index) => (type === "FULL" ? null : type === "RIGHT" ? (ALIASES[index + 1] ?? null) : known),
    "l",
  );
}

interface JoinWish {
  readonly right: string;
  readonly by: string;
  /** Of all relations up to the right one. */
  readonly areTables: readonly boolean[];
  readonly isChain: boolean;
  readonly isLast: boolean;
  readonly isOne: boolean;
}

function randomJoin({ right, by, areTables, isChain, isLast, isOne }: JoinWish, { random, scale }: World): JoinSpec {
  const isTable = areTables.at(-1) === true;
  const isOfTables = areTables.every((own) => own);
  const isNarrow = (isTable && !isOfTables) || by !== "k" || (isChain && isOfTables);
  const type = random.pick<JoinSpec["type"]>(isNarrow ? ["INNER", "LEFT"] : ["INNER", "LEFT", "RIGHT", "FULL"]);
  const { unitMs } = scale;
  const [beforeMs, afterMs] = random.pick([
    [0, unitMs],
    [unitMs / 2, 0],
    [unitMs, unitMs],
    [2 * unitMs, unitMs / 2],
  ] as const);
  // Rows of tables are found by another key in their own partition only.
  const isSecond = isChain && isLast && (isOne || !isOfTables);
  const left = isSecond && isOfTables && random.chance(0.5) ? "ref" : by;
  return {
    type,
    right,
    on: { left, right: "k", ...(isSecond && left === "k" && random.chance(0.4) ? { of: "r" } : {}) },
    within: isTable ? null : { beforeMs, afterMs, graceMs: random.pick([0, unitMs / 2, 2 * unitMs]) },
  };
}
