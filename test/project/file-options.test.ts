import { describe, expect, it } from "vitest";
import { fileOptions } from "../../src/project/file-options.ts";

const INSERT = "INSERT INTO a SELECT * FROM b;";

describe("options in comments of a file", () => {
  it("are labels, what a change does, and protection", () => {
    const text = `-- @labels team=a, tier = gold\n/* @on_change backfill */\n-- @prevent_destroy\n-- @labels cost=7\n-- @name x\n${INSERT}`;
    expect(fileOptions(text, "f.sql")).toEqual({
      labels: { team: "a", tier: "gold", cost: "7" },
      onChange: "earliest",
      isProtected: true,
    });
    expect(fileOptions(`-- @on_change reset\n${INSERT}`, "f.sql").onChange).toBe("here");
  });

  it("are none in a file without them, in strings, and of other words", () => {
    const text = `-- mail a@labels.org, @author somebody\n-- @author somebody\nINSERT INTO a SELECT '-- @prevent_destroy' AS x FROM b;`;
    expect(fileOptions(text, "f.sql")).toEqual({ labels: {}, onChange: null, isProtected: false });
  });

  it.each([
    ["\n-- @on_change now", "f.sql:2: @on_change is reset or backfill, not 'now'", null],
    ["-- @labels team", "f.sql:1: @labels is name=value, …, not 'team'", null],
    ["-- @onchange reset", "f.sql:1: @onchange is unknown", "did you mean @on_change?"],
  ])("are refused where they are wrong: %s", (comment, message, hint) => {
    expect(() => fileOptions(`${comment}\n${INSERT}`, "f.sql")).toThrow(
      expect.objectContaining({ code: "STATEMENT_INVALID", message, hint }),
    );
  });
});
