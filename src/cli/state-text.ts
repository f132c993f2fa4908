interface Standing {
  readonly state: string;
  readonly statements: readonly { readonly state: string }[];
}

/** `running`, and `running, 1 of 2 failed` where statements of it have stopped: their neighbours go on. */
export function stateText({ state, statements }: Standing): string {
  const failed = statements.filter((statement) => statement.state === "failed").length;
  return failed === 0 || state === "failed" ? state : `${state}, ${failed} of ${statements.length} failed`;
}
