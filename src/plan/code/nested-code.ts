import { must } from "../../assert.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { projectionText } from "../../model/projection.ts";
import { bind, type Code, type CodeScope, type Compile, eitherNull, nullable, orNull, valueOrNull } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { reprOf } from "./repr.ts";

type Of<K extends BoundExpr["kind"]> = BoundExpr & { readonly kind: K };

/** `a[1]`, `m['key']`, `text[1]`: NULL where there is no such element. */
export function indexCode(expr: Of<"index">, scope: CodeScope, compile: Compile): Code {
  const operand = compile(expr.operand, scope);
  const index = compile(expr.index, scope, indexRepr(expr));
  const { writer } = scope;
  switch (expr.operand.type.kind) {
    case "array":
      return nullable(scope, reprOf(expr.type), guarded(eitherNull(operand, index), `h.elementAt(${operand.value}, ${index.value})`));
    case "string":
      return nullable(scope, "string", guarded(eitherNull(operand, index), `h.characterAt(${operand.value}, ${index.value})`));
    case "map":
      return nullable(scope, reprOf(expr.type), guarded(eitherNull(operand, index), `h.memberOf(${operand.value}, ${index.value})`));
    default: {
      const isNull = [orNull(operand), reprOf(expr.index.type) === "any" ? orNull(index) : index.isNull].join(" || ");
      const found = bind(scope, "any", `(${isNull})`, `h.indexAny(${operand.value}, ${index.value})`);
      const message = `\`[\${h.describe(${index.value})}]: there is no such thing in \${h.describe(${operand.value})}\``;
      writer.line(`if (${found.value} === undefined) ${scope.fail(message)}`);
      return { value: found.value, isNull: `(${found.value} === null)` };
    }
  }
}

function indexRepr({ operand, index }: Of<"index">): "exact" | "string" | ReturnType<typeof reprOf> {
  if (operand.type.kind === "map") return "string";
  return operand.type.kind === "array" || operand.type.kind === "string" ? "exact" : reprOf(index.type);
}

export function memberCode(expr: Of<"member">, scope: CodeScope, compile: Compile): Code {
  const operand = compile(expr.operand, scope);
  const isAny = expr.operand.type.kind === "any";
  const member = `h.${isAny ? "memberOfAny" : "memberOf"}(${operand.value}, ${literalCode(expr.name)})`;
  return nullable(scope, reprOf(expr.type), guarded(isAny ? orNull(operand) : operand.isNull, member));
}

export function projectCode({ operand: projected, projection, type }: Of<"project">, scope: CodeScope, compile: Compile): Code {
  const operand = compile(projected, scope);
  const isNull = reprOf(projected.type) === "any" ? orNull(operand) : operand.isNull;
  const text = projectionText(projection);
  const made = bind(scope, reprOf(type), isNull, `h.project(${operand.value}, ${scope.static(projection, text)})`);
  const message = literalCode(`expected an object with ${text}, found a value without fields`);
  scope.writer.line(`if (${made.value} === undefined) ${scope.fail(message)}`);
  return reprOf(type) === "any" ? { value: made.value, isNull: `(${made.value} === null)` } : made;
}

function guarded(isNull: string, code: string): string {
  return isNull === "false" ? code : `${isNull} ? null : ${code}`;
}

export function arrayCode({ items, type }: Of<"array">, scope: CodeScope, compile: Compile): Code {
  const element = type.kind === "array" ? reprOf(type.element) : "any";
  const values = items.map((item) => valueOrNull(compile(item, scope, element)));
  return bind(scope, "object", "false", `[${values.join(", ")}]`);
}

export function structCode({ values, type }: Of<"struct">, scope: CodeScope, compile: Compile): Code {
  const members = type.fields.map(({ name, type: field }, index) => {
    const code = compile(must(values[index]), scope, reprOf(field));
    // In brackets a member is one of the object itself, also where it is called __proto__.
    return `[${literalCode(name)}]: ${valueOrNull(code)}`;
  });
  return bind(scope, "object", "false", `({ ${members.join(", ")} })`);
}

/** A key that is NULL or comes twice is the row's error. */
export function mapCode({ keys, values, type }: Of<"map">, scope: CodeScope, compile: Compile): Code {
  const value = type.kind === "map" ? reprOf(type.value) : "any";
  const names = keys.map((key) => valueOrNull(compile(key, scope, "string")));
  const items = values.map((item) => valueOrNull(compile(item, scope, value)));
  const made = bind(scope, "object", "false", `h.mapOf([${names.join(", ")}], [${items.join(", ")}])`);
  scope.writer.line(`if (${made.value} === undefined) ${scope.fail('"MAP: a key is NULL or comes twice"')}`);
  return made;
}

/** A name for a JavaScript function of the lambda's parameters, which gives null for NULL. */
export function lambdaCode({ parameters, body, type }: Of<"lambda">, scope: CodeScope, compile: Compile): string {
  const { writer } = scope;
  const name = writer.fresh("f");
  const outer = scope.parameters.length;
  const names = parameters.map(() => writer.fresh("p"));
  writer.block(`const ${name} = (${names.join(", ")}) =>`, () => {
    for (const parameter of names) scope.parameters.push({ value: parameter, isNull: `(${parameter} === null)` });
    const code = compile(body, scope, reprOf(type));
    writer.line(`return ${valueOrNull(code)};`);
    scope.parameters.length = outer;
  });
  return name;
}
