/** What our canonical spelling of an expression is in DuckDB's. */
export function duckdbSql(sql: string): string {
  return (
    sql
      .replaceAll(/MAP\(([^()]*)\)/g, (_all, entries: string) => `MAP {${entries.replaceAll(":=", ":")}}`)
      .replaceAll(/(\w+|\([\w, ]+\)) => /g, (_all, parameters: string) => `lambda ${parameters.replaceAll(/[()]/g, "")}: `)
      // DuckDB reads `2.5` as a decimal.
      .replaceAll(/(?<!['\w.:-])\d+\.\d+\b(?!['\w.:])/g, "$&::DOUBLE")
  );
}
