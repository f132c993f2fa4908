/**
 * Queries that cannot run yet, with what the analyzer says of them. Once a query runs, its line here makes the test fail: it leaves
 * this table, and the test of its results takes it up.
 */
export const NOT_YET: Readonly<Record<string, readonly string[]>> = {};
