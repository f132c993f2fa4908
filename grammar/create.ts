import type { Select } from "./ast.ts";
import { missingColumn, missingOption, missingRole, missingStream, missingValue, noColumns, noOptions } from "./missing.ts";
import type { Rule } from "./rules.ts";
import { SelectRules } from "./select.ts";
import type { ColumnDefinition, ColumnRole, CreateStatement, Option } from "./statement-ast.ts";
import { Comma, Equals, K, LeftParen, Minus, NumberToken, RightParen, StringToken, Variable, Word } from "./tokens.ts";

/** CREATE STREAM and CREATE TABLE, with their columns and options. */
export abstract class CreateRules extends SelectRules {
  readonly create: Rule<CreateStatement> = this.rule("create", missingStream, (start) => {
    this.CONSUME(K.CREATE);
    const orReplace = this.OPTION(() => {
      this.CONSUME(K.OR);
      return this.CONSUME(K.REPLACE);
    });
    this.OPTION1(() => this.CONSUME(K.SOURCE));
    const word = this.OR([{ ALT: () => this.CONSUME(K.STREAM) }, { ALT: () => this.CONSUME(K.TABLE) }]);
    const ifNotExists = this.OPTION2(() => {
      this.CONSUME(K.IF);
      this.CONSUME(K.NOT);
      return this.CONSUME(K.EXISTS);
    });
    const name = this.SUBRULE(this.rawPath);
    const columns = this.OPTION3(() => this.SUBRULE(this.columns)) ?? [];
    const options = this.OPTION4(() => this.SUBRULE(this.options)) ?? [];
    const select: Select | null =
      this.OPTION5(() => {
        this.CONSUME(K.AS);
        return this.SUBRULE(this.select);
      }) ?? null;
    return this.ACTION(() => ({
      kind: "create",
      relation: word.tokenType === K.TABLE ? "TABLE" : "STREAM",
      orReplace: orReplace !== undefined,
      ifNotExists: ifNotExists !== undefined,
      name,
      columns,
      options,
      select,
      span: this.spanFrom(start),
    }));
  });

  readonly columns: Rule<ColumnDefinition[]> = this.rule("columns", noColumns, () => {
    const columns: ColumnDefinition[] = [];
    this.CONSUME(LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => columns.push(this.SUBRULE(this.column)) });
    this.CONSUME(RightParen);
    return columns;
  });

  readonly column: Rule<ColumnDefinition> = this.rule("column", missingColumn, (start) => {
    const name = this.CONSUME(Word);
    const type = this.SUBRULE(this.type);
    const role = this.OPTION(() => this.SUBRULE(this.columnRole)) ?? null;
    return this.ACTION(() => ({ name: this.ident(name), type, role, span: this.spanFrom(start) }));
  });

  readonly columnRole: Rule<ColumnRole> = this.rule("columnRole", missingRole, (start) => {
    let kind: ColumnRole["kind"] = "KEY";
    let header: string | null = null;
    this.OR([
      { ALT: () => this.CONSUME(K.KEY) },
      {
        ALT: () => {
          this.CONSUME(K.PRIMARY);
          this.CONSUME1(K.KEY);
          kind = "PRIMARY KEY";
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.HEADERS);
          kind = "HEADERS";
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.HEADER);
          this.CONSUME(LeftParen);
          header = this.SUBRULE(this.text);
          this.CONSUME(RightParen);
          kind = "HEADER";
        },
      },
    ]);
    return this.ACTION(() => ({ kind, header, span: this.spanFrom(start) }));
  });

  readonly options: Rule<Option[]> = this.rule("options", noOptions, () => {
    const options: Option[] = [];
    this.CONSUME(K.WITH);
    this.CONSUME(LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => options.push(this.SUBRULE(this.streamOption)) });
    this.CONSUME(RightParen);
    return options;
  });

  readonly streamOption: Rule<Option> = this.rule("streamOption", missingOption, (start) => {
    const name = this.OR([{ ALT: () => this.CONSUME(Word) }, { ALT: () => this.CONSUME(StringToken) }]); // Flink quotes them
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.value);
    return this.ACTION(() => ({ name: this.ident(name), value, span: this.spanFrom(start) }));
  });

  readonly value: Rule<Option["value"]> = this.rule("value", missingValue, (start) =>
    this.OR([
      { ALT: () => this.SUBRULE(this.text) },
      { ALT: () => this.CONSUME(Variable).image },
      {
        ALT: () => {
          const minus = this.OPTION(() => this.CONSUME(Minus)) !== undefined;
          const token = this.CONSUME(NumberToken);
          return this.ACTION(() => {
            const value = Number(token.image);
            if (!Number.isFinite(value))
              this.report("VALUE_OUT_OF_RANGE", "the number is too large", this.spanFrom(start), "the largest is 1.7e308");
            return minus ? -value : value;
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.TRUE);
          return true;
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.FALSE);
          return false;
        },
      },
    ]),
  );
}
