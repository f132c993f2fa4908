import type { SluiceError } from "../../errors.ts";
import { compileLookups } from "../../plan/code/compile-lookups.ts";
import { compileStatement } from "../../plan/code/compile-statement.ts";
import { FunctionCache } from "../../plan/code/generated-function.ts";
import type { PipelinePlan, StatementPlan } from "../../plan/pipeline-plan.ts";
import type { Connection } from "../../ports/connection.ts";
import type { RouteTarget, Sink } from "../../ports/sink.ts";
import type { Environment } from "../environment.ts";
import { SharedLookup } from "../lookups/shared-lookup.ts";
import type { Lease } from "../owners/lease.ts";
import type { SharedStatement } from "../owners/partition-owner.ts";
import { openRouteSink } from "../routes/open-route-sink.ts";
import { Route } from "../routes/route.ts";

export interface SharedStatementsOptions {
  readonly plan: PipelinePlan;
  readonly env: Environment;
  readonly connection: (name: string) => Promise<Connection>;
  /** Where rows of statements without a target go. */
  readonly rowsSink: (plan: StatementPlan) => Sink;
  readonly lease: Lease;
  readonly onTrouble: (route: string, message: string) => void;
  readonly onRecovered: (route: string) => void;
  /** A route of the statement can send nothing any more. */
  readonly onFailed: (statement: string, error: SluiceError) => void;
}

/** Every statement with what its partitions share: generated code and routes. */
export function sharedStatements(options: SharedStatementsOptions): readonly SharedStatement[] {
  const { statements } = options.plan;
  const functions = new FunctionCache();
  return statements.map((plan) => {
    const { statement, route, deadLetterRoute } = plan;
    const openTarget = route === null ? async () => options.rowsSink(plan) : openingSink(route, options);
    return {
      plan,
      compiled: compileStatement(plan, functions),
      lookups: lookupsOf(plan, functions, options),
      route: newRoute(plan, statement.name, openTarget, options, isOneByOne(route)),
      deadLetterRoute:
        deadLetterRoute === null ? null : newRoute(plan, `${statement.name} dead letters`, openingSink(deadLetterRoute, options), options),
      lateRoute:
        plan.late === null ? null : newRoute(plan, `${statement.name} late records`, openingSink(plan.late.route, options), options),
      idSuffix: idSuffixOf(plan, statements),
      lateIdSuffix: plan.late !== null && writersOf(plan.late.route, statements) > 1 ? `-${statement.reportedAs}` : "",
    };
  });
}

function lookupsOf(plan: StatementPlan, functions: FunctionCache, options: SharedStatementsOptions): readonly SharedLookup[] {
  const { env, connection, onTrouble, onRecovered } = options;
  const { reportedAs } = plan.statement;
  const read = options.plan.sources[plan.inputs[0]?.source ?? 0]?.lookups ?? [];
  return compileLookups(plan, read, functions).map(
    (compiled) =>
      new SharedLookup({
        compiled,
        env,
        connection,
        onTrouble: (message) => onTrouble(reportedAs, message),
        onRecovered: () => onRecovered(reportedAs),
      }),
  );
}

/** What tells rows apart that are identified by the place of their record: the statement, and which member of a UNION ALL it is. */
function idSuffixOf({ statement, route }: StatementPlan, statements: readonly StatementPlan[]): string {
  const { name, reportedAs, source } = statement;
  const members = statements.filter((other) => other.statement.reportedAs === reportedAs);
  const same = members.filter(
    (other) => other.statement.source.connection === source.connection && other.statement.source.topic === source.topic,
  );
  const number = same.findIndex((other) => other.statement.name === name);
  const own = route !== null && writersOf(route, statements) > 1 ? `-${reportedAs}` : "";
  return number > 0 ? `${own}-${number + 1}` : own;
}

/** Statements with that target, the members of a UNION ALL as one. */
function writersOf(target: RouteTarget, statements: readonly StatementPlan[]): number {
  const isDynamic = target.options.dynamic;
  const isSame = (route: RouteTarget | undefined | null): boolean =>
    route?.connection === target.connection && (route.name === target.name || route.options.dynamic || isDynamic);
  const writers = statements.filter(({ route, late }) => isSame(route) || isSame(late?.route));
  return new Set(writers.map(({ statement }) => statement.reportedAs)).size;
}

function openingSink(target: RouteTarget, { connection }: SharedStatementsOptions): () => Promise<Sink> {
  return () => openRouteSink(target, connection);
}

/** BATCH = 1: one request with one change is under way at a time. Records of topics travel together as they come. */
function isOneByOne(target: RouteTarget | null): boolean {
  return target !== null && target.kind !== "topic" && target.batchSize === 1;
}

function newRoute(
  { statement }: StatementPlan,
  name: string,
  openSink: () => Promise<Sink>,
  options: SharedStatementsOptions,
  oneByOne = false,
): Route {
  return new Route({
    name,
    settings: statement.settings,
    oneByOne,
    openSink,
    env: options.env,
    lease: options.lease,
    onTrouble: (message) => options.onTrouble(name, message),
    onRecovered: () => options.onRecovered(name),
    onFailed: (error) => options.onFailed(statement.name, error),
  });
}
