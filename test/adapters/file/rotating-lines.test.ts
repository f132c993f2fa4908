import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RotatingLines } from "../../../src/adapters/file/rotating-lines.ts";
import { scratch } from "../../support/scratch.ts";

const line = (n: number): string => `line ${String(n).padStart(3, "0")}`;
const lines = (count: number): string[] => Array.from({ length: count }, (_, n) => line(n));

describe("rotating lines", () => {
  it("stay under their bounds, and the oldest go", async () => {
    const folder = scratch();
    // Four lines of nine bytes a file, three files.
    const log = new RotatingLines(join(folder, "log"), { bytesMax: 40, filesMax: 3 });
    await Promise.all(lines(30).map((text) => log.append(text)));
    expect(readdirSync(folder).sort()).toEqual(["log", "log.1", "log.2"]);
    expect(readFileSync(join(folder, "log"), "utf8")).toBe(`${line(28)}\n${line(29)}\n`);
    expect(readFileSync(join(folder, "log.2"), "utf8")).toContain(line(20));
    expect(await log.latest(100)).toEqual(lines(30).slice(20).reverse());
    expect(await log.latest(3)).toEqual([line(29), line(28), line(27)]);
    await log.close();
  });

  it("go on where another process stopped", async () => {
    const path = join(scratch(), "log");
    for (let n = 0; n < 6; n++) {
      const log = new RotatingLines(path, { bytesMax: 40, filesMax: 2 });
      await log.append(line(n));
      await log.close();
    }
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).toEqual([line(4), line(5)]);
    expect(readFileSync(`${path}.1`, "utf8").trimEnd().split("\n")).toEqual(lines(4));
  });

  it("take one that is longer than a file, and none before the first", async () => {
    const log = new RotatingLines(join(scratch(), "log"), { bytesMax: 10, filesMax: 2 });
    expect(await log.latest(5)).toEqual([]);
    await log.append("x".repeat(100));
    await log.append("y");
    expect(await log.latest(5)).toEqual(["y", "x".repeat(100)]);
    await log.close();
  });

  it("reject where they cannot be written, each for itself", async () => {
    const folder = scratch();
    const log = new RotatingLines(join(folder, "missing", "log"), { bytesMax: 10, filesMax: 2 });
    await expect(log.append("lost")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(log.append("lost too")).rejects.toMatchObject({ code: "ENOENT" });
    await log.close();
  });
});
