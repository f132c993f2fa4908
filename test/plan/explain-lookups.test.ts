import { expect, it } from "vitest";
import { explainText } from "../../src/plan/explain.ts";
import { planOf } from "./run-statement.ts";

it("a plan says what is looked up by what, and how it is kept", () => {
  const text = explainText(
    planOf(`
      CREATE STREAM readings (id INT, device STRING, v DOUBLE);
      SET 'lookup.timeout' = '2s';
      INSERT INTO a SELECT r.id, d.room FROM readings r JOIN owners d ON r.device = d._key AND d.room <> 'x' WHERE r.v > 1;
      SET 'lookup.cache.rows' = 0;
      INSERT INTO b SELECT r.id, d.room FROM readings r LEFT JOIN devices d ON d.site = 7 AND d.device = r.device;`),
  );
  const lines = text.split("\n").map((line) => line.trim());
  expect(lines).toContain("filter  (d is there AND (r.v > 1))");
  expect(lines).toContain(
    "look up  inner: in embedded.owners by _key = r.device and (d.room <> 'x'); up to 10000 rows kept for 60000 ms, requests of 2000 ms at most",
  );
  expect(lines).toContain(
    "look up  left: in embedded.devices by device = r.device and (d.site = 7); no rows kept, requests of 2000 ms at most",
  );
});
