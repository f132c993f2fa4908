import { afterAll, describe, expect, it } from "vitest";
import type { CatalogChange, CatalogContent, CatalogEntry, CatalogLog } from "../../src/ports/catalog-log.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { eventually } from "./eventually.ts";

export interface CatalogLogDriver {
  /** The same catalog, as a process of its own would open it. */
  newLog(): CatalogLog;
  close(): Promise<void>;
}

export interface OpenedCatalog extends CatalogContent {
  readonly log: CatalogLog;
  /** What the listener was told, in order. */
  readonly heard: readonly CatalogChange[];
  /** What is there by what was heard. */
  readonly now: ReadonlyMap<string, string>;
  /** As the generation behind the last that was heard. */
  append(entries: readonly CatalogEntry[]): Promise<void>;
}

export const entry = (key: string, value: string | null): CatalogEntry => ({ key, value });

export async function openCatalog(log: CatalogLog): Promise<OpenedCatalog> {
  const heard: CatalogChange[] = [];
  const now = new Map<string, string>();
  const content = await log.open({
    onChange: (change) => {
      heard.push(change);
      for (const { key, value } of change.entries) {
        if (value === null) now.delete(key);
        else now.set(key, value);
      }
    },
    onFailed: (error) => {
      throw error;
    },
  });
  for (const [key, value] of content.entries) now.set(key, value);
  const append = (entries: readonly CatalogEntry[]) =>
    log.append({ generation: (heard.at(-1)?.generation ?? content.generation) + 1, entries });
  return { ...content, log, heard, now, append };
}

export interface CatalogLogSuiteOptions {
  /** Several processes have it open at a time. */
  readonly isShared: boolean;
}

/** The contract of `src/ports/catalog-log.ts`. Call it at the top level of a test file; each test has a catalog of its own. */
export function catalogLogSuite(name: string, makeDriver: () => CatalogLogDriver, { isShared }: CatalogLogSuiteOptions): void {
  describe(`${name} as a catalog`, () => {
    const drivers: CatalogLogDriver[] = [];
    const newDriver = (): CatalogLogDriver => {
      const driver = makeDriver();
      drivers.push(driver);
      return driver;
    };
    afterAll(async () => {
      for (const driver of drivers) await driver.close();
    });

    it("gives back the latest value of each key, and how often it was changed", async () => {
      const driver = newDriver();
      const first = await openCatalog(driver.newLog());
      expect([first.generation, [...first.entries], first.damages]).toEqual([0, [], []]);
      await first.append([entry("a", "1"), entry("b", "2")]);
      await first.append([entry("a", null), entry("b", "3"), entry("c", '"ü\\n"')]);
      await first.log.close();
      const again = await openCatalog(driver.newLog());
      expect([again.generation, Object.fromEntries(again.entries), again.damages]).toEqual([2, { b: "3", c: '"ü\\n"' }, []]);
      await again.append([entry("d", "4")]);
      await again.log.close();
      expect((await openAndClose(driver)).generation).toBe(3);
    });

    it("tells of a change before it is acknowledged, as it was made", async () => {
      const { log, append, heard } = await openCatalog(newDriver().newLog());
      const entries = [entry("b", "1"), entry("a", "2")];
      await append(entries);
      expect(heard).toEqual([{ generation: 1, entries }]);
      await log.close();
    });

    it("takes a change of many entries as one", async () => {
      const driver = newDriver();
      const { log, append } = await openCatalog(driver.newLog());
      const entries = Array.from({ length: 2000 }, (_, n) => entry(`key-${n}`, JSON.stringify(`${n} `.repeat(200))));
      await append(entries);
      await log.close();
      const { entries: kept } = await openAndClose(driver);
      expect(kept.size).toBe(2000);
      expect(kept.get("key-1999")).toBe(entries[1999]?.value);
    });

    if (!isShared) return;

    it("tells each what the others change, in one order", async () => {
      const driver = newDriver();
      const [left, right] = [await openCatalog(driver.newLog()), await openCatalog(driver.newLog())];
      await left.append([entry("a", "1")]);
      await eventually(() => expect(right.heard).toEqual(left.heard));
      await right.append([entry("a", null), entry("b", "2")]);
      await eventually(() => expect(left.heard).toEqual(right.heard));
      const late = await openCatalog(driver.newLog());
      expect([late.generation, Object.fromEntries(late.entries)]).toEqual([2, { b: "2" }]);
      for (const { log } of [left, right, late]) await log.close();
    });

    it("refuses who was not first, who knows then what came before", async () => {
      const driver = newDriver();
      const [left, right] = [await openCatalog(driver.newLog()), await openCatalog(driver.newLog())];
      const results = await Promise.allSettled([left.append([entry("a", '"left"')]), right.append([entry("a", '"right"')])]);
      expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const loser = results[0].status === "rejected" ? left : right;
      expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "CATALOG_CHANGED" } });
      expect(loser.now.get("a")).toBe(loser === left ? '"right"' : '"left"');
      await loser.append([entry("a", '"again"')]);
      await eventually(() => expect([left.now.get("a"), right.now.get("a")]).toEqual(['"again"', '"again"']));
      for (const { log } of [left, right]) await log.close();
    });

    it.each(seeds([], 2))("comes to the same for all, whoever changes what at the same time: seed %i", async (seed) => {
      const driver = newDriver();
      const writers = await Promise.all([0, 1, 2].map(() => openCatalog(driver.newLog())));
      let acknowledged = 0;
      await Promise.all(
        writers.map(async (writer, index) => {
          const random = new SeededRandom(seed + index);
          for (let change = 0; change < 30; change++) {
            // Each adds one to a count that all share: none may be lost.
            const count = Number(writer.now.get("count") ?? 0) + 1;
            const own = entry(`own-${random.below(5)}`, random.below(3) === 0 ? null : JSON.stringify(`${index} ${change}`));
            const done = await writer.append([entry("count", String(count)), own]).then(
              () => 1,
              (error: { readonly code?: string }) => {
                expect(error.code).toBe("CATALOG_CHANGED");
                return 0;
              },
            );
            acknowledged += done;
          }
        }),
      );
      expect(acknowledged).toBeGreaterThan(0);
      await eventually(() => expect(writers.map(({ heard }) => heard.length)).toEqual([acknowledged, acknowledged, acknowledged]));
      const { generation, entries } = await openAndClose(driver);
      expect([generation, entries.get("count")]).toEqual([acknowledged, String(acknowledged)]);
      for (const { now, log } of writers) {
        expect(Object.fromEntries(now)).toEqual(Object.fromEntries(entries));
        await log.close();
      }
    });
  });
}

async function openAndClose(driver: CatalogLogDriver): Promise<OpenedCatalog> {
  const opened = await openCatalog(driver.newLog());
  await opened.log.close();
  return opened;
}
