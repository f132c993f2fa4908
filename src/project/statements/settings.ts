import type { DefineStatement, SetStatement, UndefineStatement, UnsetStatement } from "../../../grammar/statement-ast.ts";
import { hasErrors } from "../../analyze/reporter.ts";
import { applySet, applyUnset, openSession } from "../../analyze/session.ts";
import { settingName } from "../../analyze/settings.ts";
import type { StatementContext } from "./context.ts";
import { type MessageResult, message } from "./result.ts";

export function set(statement: SetStatement, { catalog, report, state, change }: StatementContext): MessageResult | null {
  applySet(openSession({}, catalog, report), statement, catalog, report);
  const name = settingName(statement.name);
  if (name === undefined || hasErrors(report.diagnostics)) return null;
  change({ settings: { ...state.settings, [name]: statement.value } });
  return message(`${name} is ${statement.value}`);
}

export function unset(statement: UnsetStatement, { catalog, report, state, change }: StatementContext): MessageResult | null {
  applyUnset(openSession({}, catalog, report), statement, report);
  const name = settingName(statement.name);
  if (name === undefined) return null;
  const { [name]: _, ...settings } = state.settings;
  change({ settings });
  return message(`${name} is what it is initially`);
}

/** The variables of the context are those behind the statement. */
export function define({ name }: DefineStatement, { state, change }: StatementContext): MessageResult {
  change({ variables: state.variables });
  return message(`\${${name}} stands for ${state.variables[name] ?? ""}`);
}

export function undefine({ name }: UndefineStatement, { state, change }: StatementContext): MessageResult {
  change({ variables: state.variables });
  return message(`\${${name}} stands for nothing any more`);
}
