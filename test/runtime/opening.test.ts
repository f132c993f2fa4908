import { describe, expect, it } from "vitest";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { until } from "../support/until.ts";
import { withMethod } from "../support/with-method.ts";
import { record } from "./harness.ts";
import { newHarness } from "./new-harness.ts";

const SQL = "INSERT INTO totals SELECT k, COUNT(*) AS n FROM t GROUP BY k;";
const RECORDS = ["a", "b", "a"].map((k) => record({ k }, { key: k }));

/** Its store of state does not answer so many times. */
function withoutAnswer(times: number): (connection: Connection) => Connection {
  let left = times;
  return (connection) =>
    withMethod(connection, "openStateLog", (...args) => {
      if (left-- > 0) throw new SluiceError("CONNECTION_FAILED", "connection closed");
      return connection.openStateLog(...args);
    });
}

describe("a pipeline whose state is away while it opens", () => {
  it("tells so and asks again, where it goes on until it is told", async () => {
    const harness = newHarness(withoutAnswer(2));
    await harness.append("t", RECORDS);
    const { handle, messages, ended } = harness.start("p", SQL, { until: "follow" });
    await until(async () => (await harness.table("totals").catch(() => [])).length === 2, "both groups");
    handle.stop(5_000);
    expect((await ended).last).toMatchObject({ kind: "done" });
    expect(messages).toContainEqual(expect.objectContaining({ kind: "trouble", subject: "embedded", message: "connection closed" }));
  });

  it("fails, where it ends by itself", async () => {
    const harness = newHarness(withoutAnswer(1));
    await harness.append("t", RECORDS);
    const { ended } = harness.start("p", SQL);
    expect((await ended).last).toMatchObject({ kind: "failed", error: { code: "CONNECTION_FAILED" } });
  });
});
