import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileCatalogLog } from "../../../src/adapters/file/file-catalog-log.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { catalogLogSuite, entry, type OpenedCatalog, openCatalog } from "../../conformance/catalog-log-suite.ts";
import { SeededRandom, seeds } from "../../property/random.ts";
import { scratch } from "../../support/scratch.ts";

const opened = (directory: string): Promise<OpenedCatalog> => openCatalog(new FileCatalogLog(directory, systemClock));
const put = (catalog: OpenedCatalog, ...pairs: readonly (readonly [string, string | null])[]) =>
  catalog.append(pairs.map(([key, value]) => entry(key, value)));

catalogLogSuite(
  "a file",
  () => {
    const directory = scratch();
    return { newLog: () => new FileCatalogLog(directory, systemClock), close: async () => {} };
  },
  { isShared: false },
);

describe("FileCatalogLog", () => {
  it("has one holder at a time", async () => {
    const directory = scratch();
    const { log } = await opened(directory);
    await expect(opened(directory)).rejects.toMatchObject({ code: "STORE_BUSY" });
    await log.close();
    await (await opened(directory)).log.close();
  });

  it("drops a line that was cut off before it was acknowledged, at any byte of it", async () => {
    const directory = scratch();
    const catalog = await opened(directory);
    await put(catalog, ["a", "1"]);
    const before = await readFile(join(directory, "catalog.log"));
    const mark = await readFile(join(directory, "catalog.size"));
    await put(catalog, ["a", "2"], ["b", "1"]);
    await catalog.log.close();
    const after = await readFile(join(directory, "catalog.log"));
    for (let bytes = before.length; bytes < after.length; bytes++) {
      await writeFile(join(directory, "catalog.log"), after.subarray(0, bytes));
      await writeFile(join(directory, "catalog.size"), mark);
      const mended = await opened(directory);
      expect([...mended.entries]).toEqual([["a", "1"]]);
      expect(mended.damages).toEqual([]);
      await put(mended, ["c", "1"]);
      await mended.log.close();
      const again = await opened(directory);
      expect([...again.entries.keys()]).toEqual(["a", "c"]);
      await again.log.close();
    }
  });

  it("tells of a damaged line and whose it was, keeps the file as it was, and everything else", async () => {
    const directory = scratch();
    const catalog = await opened(directory);
    for (const key of ["a", "b", "c"]) await put(catalog, [key, JSON.stringify(`${key}-value`)]);
    await catalog.log.close();
    const path = join(directory, "catalog.log");
    const damaged = (await readFile(path, "utf8")).replace("b-value", "b-vXlue");
    await writeFile(path, damaged);
    const { log: mended, entries, damages, generation } = await opened(directory);
    expect([...entries.keys()]).toEqual(["a", "c"]);
    expect(damages).toMatchObject([{ place: `${path}:2`, problem: "fails its checksum; it spoke of b" }]);
    expect(generation).toBeGreaterThan(3);
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

  it("tells that the file is gone, or its end", async () => {
    const directory = scratch();
    const catalog = await opened(directory);
    await put(catalog, ["a", "1"]);
    await catalog.log.close();
    await rm(join(directory, "catalog.log"));
    const { log, damages, entries } = await opened(directory);
    expect(damages).toMatchObject([{ problem: expect.stringMatching(/^has lost its end: of \d+ bytes/), keptAs: null }]);
    expect(entries.size).toBe(0);
    await log.close();
    const again = await opened(directory);
    expect(again.damages).toEqual([]);
    await again.log.close();
  });

  it.each(seeds([], 4))("loses nothing silently, whatever is cut off or flipped: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    for (let round = 0; round < 40; round++) {
      const directory = scratch();
      const path = join(directory, "catalog.log");
      const catalog = await opened(directory);
      const expected = new Map<string, string>();
      for (let change = 0; change < 1 + random.below(6); change++) {
        const pairs = Array.from({ length: 1 + random.below(3) }, () => {
          return [`k${random.below(4)}`, random.below(4) === 0 ? null : `${random.below(99)}`] as const;
        });
        await put(catalog, ...pairs);
        for (const [key, value] of pairs) {
          if (value === null) expected.delete(key);
          else expected.set(key, value);
        }
      }
      await catalog.log.close();
      const bytes = await readFile(path);
      const what = random.below(3);
      const at = random.below(bytes.length);
      if (what === 0) await writeFile(path, bytes.subarray(0, at));
      else if (what === 1) {
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        await writeFile(path, bytes);
      } else {
        const mark = await readFile(join(directory, "catalog.size"));
        mark[random.below(mark.length)] = random.below(256);
        await writeFile(join(directory, "catalog.size"), mark);
      }
      const found = await readFile(path);
      const { log, entries, damages } = await opened(directory);
      const isWhole = JSON.stringify([...entries].sort()) === JSON.stringify([...expected].sort());
      if (what < 2) expect(damages.length, `round ${round}`).toBeGreaterThan(0);
      else expect(isWhole, `round ${round}`).toBe(true);
      for (const { keptAs } of damages) expect(await readFile(keptAs ?? "")).toEqual(found);
      await log.close();
      const again = await opened(directory);
      expect([again.damages, [...again.entries]]).toEqual([[], [...entries]]);
      await again.log.close();
    }
  });

  it("is written anew when most of its lines say nothing any more", async () => {
    const directory = scratch();
    const catalog = await opened(directory);
    for (let change = 0; change < 1500; change++) await put(catalog, ["a", String(change)]);
    await catalog.log.close();
    const lines = (await readFile(join(directory, "catalog.log"), "utf8")).trimEnd().split("\n");
    expect(lines.length).toBeLessThan(1100);
    const { log: again, entries, generation } = await opened(directory);
    expect([entries.get("a"), generation]).toEqual(["1499", 1500]);
    await again.close();
  });
});
