import type { ErrorReport } from "../../runtime/protocol.ts";
import type { Expectation, ExpectedError } from "./row-test-schema.ts";
import type { WrittenRow } from "./written-rows.ts";

/** What a test says of a target, list by list. */
export interface ReadExpectation {
  /** It is the list itself. */
  readonly list: boolean;
  readonly lists: readonly { readonly mode: "exactly" | "contains"; readonly rows: readonly WrittenRow[] }[];
  readonly ordered: boolean;
}

export function readExpectation(expectation: Expectation, isTopic: boolean): ReadExpectation {
  if (expectation === null || Array.isArray(expectation))
    return { list: true, lists: [{ mode: "exactly", rows: expectation ?? [] }], ordered: isTopic };
  const { exactly, contains, order } = expectation;
  const lists = [
    ...(exactly === undefined ? [] : [{ mode: "exactly", rows: exactly } as const]),
    ...(contains === undefined ? [] : [{ mode: "contains", rows: contains } as const]),
  ];
  return { list: false, lists, ordered: order === undefined ? isTopic : order === "given" };
}

export function isExpectedError({ message, ...exact }: ExpectedError, report: ErrorReport): boolean {
  const values = report as unknown as Readonly<Record<string, unknown>>;
  return (
    Object.entries(exact).every(([name, value]) => values[name] === value) && (message === undefined || report.message.includes(message))
  );
}

export function errorText({ code, message, statement, topic, partition, offset }: ErrorReport): string {
  const place = [statement, topic === null ? null : `${topic} partition ${partition} offset ${offset}`]
    .filter((part) => part !== null)
    .join(", ");
  return `${code}${place === "" ? "" : ` at ${place}`}: ${message}`;
}
