/** Files of ksqlDB's testing tool: statements of which `--@test: name` begins a test each. */
const NAME = /\.test\.sql$/i;

export function isKsqlTestFile(file: string): boolean {
  return NAME.test(file);
}
