/**
 * Every code that a diagnostic can carry, with what it means and what to do, one sentence.
 * The table is the single source; `docs/errors.md` lists the same codes.
 */
export interface DiagnosticSpec {
  readonly about: string;
}

const SYNTAX_CODES = {
  SYNTAX: { about: "The text does not fit the grammar; the message says what could stand there." },
  UNCLOSED_STRING: { about: "A string has no closing quote; a quote inside a string is written twice." },
  UNCLOSED_NAME: { about: "A quoted name has no closing back-tick or double quote, or is empty." },
  UNCLOSED_COMMENT: { about: "A comment that starts with /* has no closing */." },
  UNKNOWN_CHARACTER: { about: "A character that has no meaning outside of strings and quoted names." },
  DUPLICATE_NAME: { about: "Two things that must be told apart have the same name." },
  DUPLICATE_CLAUSE: { about: "A clause stands twice in one statement." },
  NOT_SUPPORTED_YET: { about: "The construct is known but not built yet." },
  INVALID_NAME: { about: "The name given by @name in a comment has characters that names of statements cannot have." },
  DASH_IN_NAME: { about: "A column such as a-b was read as the field of that name, not as a difference." },
  ALIAS_OF_STAR: { about: "The columns of a star keep their own names: an alias behind it has no effect." },
  VALUE_OUT_OF_RANGE: { about: "A number or text is outside of what the clause takes." },
  TOO_DEEP: { about: "Parentheses, CASE or types are nested too deeply, or too many operators stand in one row." },
  TOO_LARGE: { about: "The text is longer than a pipeline may be, or joins too many relations." },
} as const satisfies Record<string, DiagnosticSpec>;

const ANALYSIS_CODES = {
  UNKNOWN_FIELD: { about: "A name is neither a column of the declared stream nor anything else that may stand there." },
  AMBIGUOUS_NAME: { about: "A field without a qualifier could belong to several of the joined relations." },
  UNKNOWN_RELATION: { about: "No stream or table of that name is declared." },
  UNKNOWN_PIPELINE: { about: "The server holds no pipeline of that name." },
  UNKNOWN_FUNCTION: { about: "There is no function of that name." },
  UNKNOWN_TYPE: { about: "There is no type of that name, or its parameters do not fit." },
  UNKNOWN_SETTING: { about: "There is no setting of that name; docs/configuration.md lists them." },
  UNKNOWN_OPTION: { about: "CREATE STREAM has no option of that name." },
  UNKNOWN_VARIABLE: { about: "No DEFINE before the statement says what the variable stands for." },
  UNKNOWN_CONNECTION: { about: "A name looks like that of a connection, but the configuration defines none of that name." },
  INVALID_VALUE: { about: "A setting, an option or a literal has a value that does not fit; the message says which do." },
  ILLEGAL_NAME: { about: "A topic, index or table cannot have that name; the message says which rule it breaks." },
  TYPE_MISMATCH: { about: "An operand or argument has a type that can never fit." },
  NEVER_TRUE: { about: "A comparison with NULL is NULL, never true; IS NULL asks whether there is a value." },
  WRONG_ARGUMENTS: { about: "A function is called with too few or too many arguments." },
  INVALID_WINDOW: { about: "The parts of a window do not fit together: an advance beyond its size, a step that does not divide it." },
  INVALID_JOIN: { about: "The sides of a join, its WITHIN or its condition do not fit together." },
  COLUMNS_DIFFER: { about: "Two lists of columns that belong together have different lengths or types." },
  NOT_GROUPED: { about: "A field is used after grouping, but is neither a grouping expression nor inside an aggregate." },
  AGGREGATE_NOT_ALLOWED: { about: "An aggregate stands where single rows are meant: in WHERE, GROUP BY or inside another aggregate." },
  WINDOW_BOUND_NOT_ALLOWED: { about: "window_start or window_end stands where no window is known yet." },
  CLAUSE_NOT_ALLOWED: { about: "The target or the kind of statement cannot honour a clause." },
  STATEMENT_NOT_ALLOWED: { about: "The kind of statement does not belong where it stands." },
  SOURCE_NOT_ALLOWED: { about: "A pipeline cannot read that relation as a stream." },
  KEY_REQUIRED: { about: "The target needs rows with a key, and the statement gives none." },
  JOIN_NOT_CO_PARTITIONED: { about: "What is joined lies in partitions that do not belong together." },
  GROUPING_NEEDS_KEY: { about: "The grouping does not contain the record key, so rows of one group lie in several partitions." },
  KEY_NOT_COVERED: { about: "Rows of one id may come from several partitions: the highest version wins." },
  SHARED_TARGET: { about: "Two statements with PK write to one target: of equal ids the highest version wins." },
  ALIAS_NOT_VISIBLE: { about: "A name in WHERE is an alias of SELECT, but means a field of the record there." },
  FOREIGN_TEXT: { about: "A file to import is not what its format or dialect allows, or has a part without a counterpart here." },
  INVALID_DATE_PATTERN: { about: "The pattern of WITHINDEXSUFFIX is not one that names an index." },
} as const satisfies Record<string, DiagnosticSpec>;

export type SyntaxCode = keyof typeof SYNTAX_CODES;

export const DIAGNOSTIC_CODES = { ...SYNTAX_CODES, ...ANALYSIS_CODES } as const satisfies Record<string, DiagnosticSpec>;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
