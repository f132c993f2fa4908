import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileCatalogLog } from "../../../src/adapters/file/file-catalog-log.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { scratch } from "../../support/scratch.ts";

const entry = (key: string, value: string | null) => ({ key, value });

async function opened(directory: string) {
  const log = new FileCatalogLog(directory, systemClock);
  return { log, ...(await log.open()) };
}

describe("FileCatalogLog", () => {
  it("gives back the latest value of each key", async () => {
    const directory = scratch();
    const { log } = await opened(directory);
    await log.append([entry("a", "1"), entry("b", "2")]);
    await log.append([entry("a", null), entry("b", "3"), entry("c", '"ü\\n"')]);
    await log.close();
    const { log: again, entries, damages } = await opened(directory);
    expect([...entries]).toEqual([
      ["b", "3"],
      ["c", '"ü\\n"'],
    ]);
    expect(damages).toEqual([]);
    await again.close();
  });

  it("has one holder at a time", async () => {
    const directory = scratch();
    const { log } = await opened(directory);
    await expect(opened(directory)).rejects.toMatchObject({ code: "STORE_BUSY" });
    await log.close();
    await (await opened(directory)).log.close();
  });

  it("drops a line that was cut off, at any byte of it", async () => {
    const directory = scratch();
    const { log } = await opened(directory);
    await log.append([entry("a", "1")]);
    const before = await readFile(join(directory, "catalog.log"));
    await log.append([entry("a", "2"), entry("b", "1")]);
    await log.close();
    const after = await readFile(join(directory, "catalog.log"));
    for (let bytes = before.length; bytes < after.length; bytes++) {
      await writeFile(join(directory, "catalog.log"), after.subarray(0, bytes));
      const { log: mended, entries, damages } = await opened(directory);
      expect([...entries]).toEqual([["a", "1"]]);
      expect(damages).toEqual([]);
      await mended.append([entry("c", "1")]);
      await mended.close();
      const { log: again, entries: kept } = await opened(directory);
      expect([...kept.keys()]).toEqual(["a", "c"]);
      await again.close();
    }
  });

  it("tells of a damaged line, keeps the file as it was, and everything else", async () => {
    const directory = scratch();
    const { log } = await opened(directory);
    for (const key of ["a", "b", "c"]) await log.append([entry(key, JSON.stringify(`${key}-value`))]);
    await log.close();
    const path = join(directory, "catalog.log");
    const damaged = (await readFile(path, "utf8")).replace("b-value", "b-vXlue");
    await writeFile(path, damaged);
    const { log: mended, entries, damages } = await opened(directory);
    expect([...entries.keys()]).toEqual(["a", "c"]);
    expect(damages).toMatchObject([{ place: `${path}:2`, problem: "fails its checksum" }]);
    expect(await readFile(damages[0]?.keptAs ?? "", "utf8")).toBe(damaged);
    await mended.close();
    const { log: again, damages: none } = await opened(directory);
    expect(none).toEqual([]);
    await again.close();
  });

  it("takes a file of something else for damaged, not for empty", async () => {
    const directory = scratch();
    await appendFile(join(directory, "catalog.log"), "hello\nworld\n");
    const { log, damages } = await opened(directory);
    expect(damages.map(({ problem }) => problem)).toEqual(["is no line of a catalog", "is no line of a catalog"]);
    expect((await readdir(directory)).filter((name) => name.includes("damaged"))).toHaveLength(1);
    await log.close();
  });

  it("is written anew when most of its lines say nothing any more", async () => {
    const directory = scratch();
    const { log } = await opened(directory);
    for (let change = 0; change < 1500; change++) await log.append([entry("a", String(change))]);
    await log.close();
    const lines = (await readFile(join(directory, "catalog.log"), "utf8")).trimEnd().split("\n");
    expect(lines.length).toBeLessThan(1100);
    const { log: again, entries } = await opened(directory);
    expect(entries.get("a")).toBe("1499");
    await again.close();
  });
});
