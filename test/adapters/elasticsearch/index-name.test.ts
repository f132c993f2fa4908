import { describe, expect, it } from "vitest";
import { indexNameProblem, indexPattern, sampleIndexName } from "../../../src/adapters/elasticsearch/index-name.ts";
import { isDatedNameOf } from "../../../src/model/date-pattern.ts";

describe("index names", () => {
  it.each(["temps", "temps_2026-11-21", "1m", "größe", "a.b", "x".repeat(255)])("takes %s", (name) => {
    expect(indexNameProblem(name)).toBeNull();
  });

  it.each([
    ["", "must not be empty"],
    ["Temps", 'write "temps"'],
    ["a b", 'the character " "'],
    ["a/b", 'the character "/"'],
    ["temps_*", 'the character "*"'],
    ["_temps", 'begins with "_"'],
    ["-temps", 'begins with "-"'],
    ["..", "is not allowed"],
    ["ü".repeat(128), "longer than 255 bytes"],
  ])("refuses %j and says why", (name, why) => {
    expect(indexNameProblem(name)).toContain(why);
  });

  it("makes a pattern and a sample of a dated suffix", () => {
    expect(indexPattern("temps", null)).toBe("temps");
    expect(indexPattern("temps", "_{yyyy-MM-dd}")).toBe("temps_*");
    expect(indexPattern("temps", "-{yyyy}-{MM}x")).toBe("temps-*-*x");
    expect(sampleIndexName("temps", "_{yyyy-MM-dd}")).toBe("temps_1111-11-11");
    expect(sampleIndexName("temps", null)).toBe("temps");
  });

  it("knows the dated indexes of a target from other targets whose names begin alike", () => {
    expect(isDatedNameOf("temperatures_2026-11-21", "temperatures")).toBe(true);
    expect(isDatedNameOf("temperatures2026.11", "temperatures")).toBe(true);
    expect(isDatedNameOf("temperatures_1m", "temperatures")).toBe(false);
    expect(isDatedNameOf("temperatures_1m_2026-11-21", "temperatures")).toBe(false);
    expect(isDatedNameOf("temperatures", "temperatures")).toBe(false);
  });
});
