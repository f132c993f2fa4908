import { describe, expect, it } from "vitest";
import { historyFile, withoutSecrets } from "../../../src/cli/repl/history.ts";

describe("withoutSecrets", () => {
  it.each([
    ["\\c https://me:hunter2@host:8080", "\\c https://me:***@host:8080"],
    ["SET 'sasl.password' = 'hunter2';", "SET 'sasl.password' = '***';"],
    ["DEFINE api_key='hunter2';", "DEFINE api_key='***';"],
    ["\\set token hunter2", "\\set token '***'"],
    ["SELECT 'hunter2' AS secret;", "SELECT 'hunter2' AS secret;"],
    ["SELECT a FROM b WHERE c = 'd';", "SELECT a FROM b WHERE c = 'd';"],
  ])("%s", (text, kept) => {
    expect(withoutSecrets(text)).toBe(kept);
  });
});

describe("historyFile", () => {
  it("is where the user wants it, or nowhere", () => {
    expect(historyFile({ SLUICE_HISTORY: "/a/b" })).toBe("/a/b");
    expect(historyFile({ SLUICE_HISTORY: "" })).toBeNull();
    expect(historyFile({ XDG_STATE_HOME: "/s" })).toBe("/s/sluice/history");
  });
});
