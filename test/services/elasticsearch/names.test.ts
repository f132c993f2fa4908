import { afterAll, expect, it } from "vitest";
import { nameRuleBroken } from "../../../src/analyze/legal-names.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

/** Every sign that could matter, in the middle of a name, and at its beginning. */
const SIGNS = [..." !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~äÄßİé\t\u00a0\u3000😀Aa1"];

describeWith("elasticsearch", "Names of indexes", ({ node }) => {
  const scratch = new Scratch(node);
  const made: string[] = [];
  afterAll(async () => {
    for (const name of made) await scratch.send("DELETE", `/${encodeURIComponent(name)}`);
  });

  /** Whether the server makes an index of the name. A template of one shard without copies keeps it light. */
  const isTaken = async (name: string): Promise<boolean> => {
    const body = { settings: { number_of_shards: 1, number_of_replicas: 0 } };
    const { status } = await scratch.send("PUT", `/${encodeURIComponent(name)}`, body);
    if (status === 200) made.push(name);
    return status === 200;
  };

  it("are legal where the server takes them, and nowhere else", { timeout: 120_000 }, async () => {
    const names = SIGNS.flatMap((sign) => [`${scratch.prefix}${sign}x`, `${sign}${scratch.prefix}`]);
    const long = [255, 256].map((length) => scratch.prefix.padEnd(length, "x"));
    const differing: string[] = [];
    for (const name of [...names, ...long, ".."]) {
      const isLegal = nameRuleBroken("elasticsearch", "index", name) === null;
      if ((await isTaken(name)) !== isLegal) differing.push(`${name} is ${isLegal ? "legal here alone" : "refused here alone"}`);
    }
    expect(differing).toEqual([]);
  });
});
