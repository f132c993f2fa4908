/** How a dialect writes what must be known before its text can be cut into statements and tokens. */
export interface Dialect {
  readonly name: string;
  /** Text in double quotes is a name, as the standard has it, or a string. */
  readonly doubleQuotes: "name" | "string";
  /** In strings a backslash begins an escape. */
  readonly backslashes: boolean;
  /** `[name]` */
  readonly brackets: boolean;
  /** `# comment` */
  readonly hashComments: boolean;
  /** `$$text$$`, `$tag$text$tag$`, `E'\n'` */
  readonly dollarStrings: boolean;
  /** `||` is OR. */
  readonly concatIsOr: boolean;
  /** 7 / 2 is 3. */
  readonly wholeDivision: boolean;
}

const STANDARD: Dialect = {
  name: "",
  doubleQuotes: "name",
  backslashes: false,
  brackets: false,
  hashComments: false,
  dollarStrings: false,
  concatIsOr: false,
  wholeDivision: true,
};

const dialect = (name: string, differences: Partial<Dialect> = {}): Dialect => ({ ...STANDARD, name, ...differences });

const MYSQL: Partial<Dialect> = {
  doubleQuotes: "string",
  backslashes: true,
  hashComments: true,
  concatIsOr: true,
  wholeDivision: false,
};

/** The names are those of node-sql-parser. */
export const DIALECTS: readonly Dialect[] = [
  dialect("athena"),
  dialect("bigquery", { doubleQuotes: "string", backslashes: true, hashComments: true, wholeDivision: false }),
  dialect("db2"),
  dialect("flinksql"),
  dialect("hive", { doubleQuotes: "string", backslashes: true, wholeDivision: false }),
  dialect("mariadb", MYSQL),
  dialect("mysql", MYSQL),
  dialect("postgresql", { dollarStrings: true }),
  dialect("redshift"),
  dialect("snowflake", { backslashes: true, dollarStrings: true, wholeDivision: false }),
  dialect("sqlite", { brackets: true }),
  dialect("transactsql", { brackets: true }),
  dialect("trino"),
];

const SYNONYMS: Readonly<Record<string, string>> = {
  flink: "flinksql",
  mssql: "transactsql",
  postgres: "postgresql",
  presto: "trino",
  sqlserver: "transactsql",
  tsql: "transactsql",
};

/** null: there is none of that name. */
export function findDialect(name: string): Dialect | null {
  const lower = name.toLowerCase();
  return DIALECTS.find((one) => one.name === (SYNONYMS[lower] ?? lower)) ?? null;
}
