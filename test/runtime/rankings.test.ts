import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness } from "../property/wrap-connection.ts";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_100_000;
const DECLARE = "CREATE STREAM b (auction STRING, bidder STRING, price INT) WITH (topic = 'b', key = 'auction');";

describe("rankings", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const bid = (auction: string, bidder: string, price: number | null, afterMs: number) =>
    record({ auction, bidder, price }, { key: auction, timestampMs: T + afterMs, partition: 0 });
  const documents = async (name: string): Promise<readonly string[]> => (await harness.tableTexts(name)).sort();

  it("keep the first rows of each partition, across restarts", async () => {
    const sql = `${DECLARE}
      INSERT INTO top SELECT auction, place, bidder, price FROM (
        SELECT auction, bidder, price, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS place FROM b
      ) WHERE place <= 2;`;
    await harness.append("b", [bid("x", "a", 1, 0), bid("x", "b", 3, 1), bid("y", "a", 1, 2), bid("x", "c", 3, 3)]);
    const first = await harness.run("p", sql);
    expect(first.last.kind).toBe("done");
    expect(await documents("top")).toEqual([
      '{"auction":"x","place":1,"bidder":"b","price":3}',
      '{"auction":"x","place":2,"bidder":"c","price":3}',
      '{"auction":"y","place":1,"bidder":"a","price":1}',
    ]);
    await harness.append("b", [bid("x", "d", 2, 4), bid("x", "e", 4, 5), bid("y", "f", null, 6)]);
    await harness.run("p", sql);
    expect(await documents("top")).toEqual([
      '{"auction":"x","place":1,"bidder":"e","price":4}',
      '{"auction":"x","place":2,"bidder":"b","price":3}',
      '{"auction":"y","place":1,"bidder":"a","price":1}',
      '{"auction":"y","place":2,"bidder":"f","price":null}',
    ]);
  });
});
