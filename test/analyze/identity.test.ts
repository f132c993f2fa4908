import { describe, expect, it } from "vitest";
import { statement, TEMPERATURES } from "./catalog.ts";
import { show, showKey } from "./show.ts";

const WINDOW = "WINDOW TUMBLING (SIZE 1 MINUTE)";

function recordKey(text: string): readonly string[] | null {
  const bound = statement(text);
  return bound.recordKey?.map((expr) => show(expr, bound)) ?? null;
}

function covered(text: string): string {
  const { idsCoveredByKey, needsSinglePartition } = statement(TEMPERATURES.replace("partitions = 4", "partitions = 1") + text);
  return `${idsCoveredByKey ? "covered" : "scattered"}${needsSinglePartition ? ", single partition" : ""}`;
}

describe("the identity of rows", () => {
  it("is PK, by names of SELECT before fields of the source", () => {
    expect(showKey(statement("INSERT INTO x SELECT upper(a) AS a, b FROM raw PK a, c.d, _key"))).toBe("a: upper(a), c.d: c.d, _key: _key");
    expect(showKey(statement("INSERT INTO x SELECT c.d AS e FROM raw PK c.d"))).toBe("e: c.d");
    expect(showKey(statement("INSERT INTO x SELECT * FROM raw PK deviceId"))).toBe("deviceId: deviceId");
    expect(showKey(statement("UPSERT INTO x SELECT a FROM raw PK a"))).toBe("a: a");
  });

  it("is the record's place without PK", () => {
    expect(showKey(statement("INSERT INTO x SELECT a FROM raw"))).toBe("coordinates");
  });

  it("is grouping and window without PK, named as they are selected", () => {
    const text = `INSERT INTO x SELECT a.b AS room, COUNT(*) AS n FROM raw ${WINDOW} GROUP BY a.b, c.d, upper(e)`;
    expect(showKey(statement(text))).toBe("room: group0, d: group1, upper(e): group2, window_start: window_start");
    const renamed = `INSERT INTO x SELECT a, window_start AS since FROM raw ${WINDOW} GROUP BY a`;
    expect(showKey(statement(renamed))).toBe("a: group0, since: window_start");
    expect(showKey(statement("INSERT INTO x SELECT COUNT(*) AS n FROM raw"))).toBe("");
  });

  it("may be part of the grouping by PK, or the window alone", () => {
    const text = `INSERT INTO x SELECT a, b, COUNT(*) AS n FROM raw ${WINDOW} GROUP BY a, b PK b, window_start`;
    expect(showKey(statement(text))).toBe("b: group1, window_start: window_start");
  });
});

describe("the key of records written to a topic", () => {
  it("is PK, else the grouping without the window, else that of the source", () => {
    expect(recordKey("INSERT INTO kafka.x SELECT a, b FROM raw PK b")).toEqual(["b"]);
    expect(recordKey(`INSERT INTO kafka.x SELECT a, COUNT(*) AS n FROM raw ${WINDOW} GROUP BY a, b`)).toEqual(["group0", "group1"]);
    expect(recordKey("INSERT INTO kafka.x SELECT a FROM raw")).toBeNull();
  });

  it("is all that PK says there: rows of one key do not replace each other", () => {
    expect(showKey(statement("INSERT INTO kafka.x SELECT a, b FROM raw PK b"))).toBe("coordinates");
    const windowed = `INSERT INTO kafka.x SELECT a, COUNT(*) AS n FROM raw ${WINDOW} GROUP BY a, b PK a`;
    expect(showKey(statement(windowed))).toBe("a: group0, b: group1, window_start: window_start");
    expect(recordKey(windowed)).toEqual(["group0"]);
    expect(showKey(statement("UPSERT INTO kafka.x SELECT a, b FROM raw PK b"))).toBe("b: b");
  });
});

describe("whether an id comes from one partition", () => {
  it("follows from the record key, as a whole or by the field it equals", () => {
    expect(covered("INSERT INTO x SELECT homeId FROM temperatures")).toBe("covered");
    expect(covered("INSERT INTO x SELECT homeId, deviceId AS id FROM temperatures PK homeId, id")).toBe("covered");
    expect(covered("INSERT INTO x SELECT homeId FROM temperatures PK _key")).toBe("covered");
    expect(covered("INSERT INTO x SELECT homeId FROM temperatures PK homeId")).toBe("scattered");
    expect(covered("INSERT INTO x SELECT upper(deviceId) AS deviceId FROM temperatures PK deviceId")).toBe("scattered");
  });

  it("of groups needs the key in GROUP BY, or one partition", () => {
    expect(covered("INSERT INTO x SELECT deviceId, COUNT(*) AS n FROM temperatures GROUP BY deviceId")).toBe("covered");
    expect(covered("INSERT INTO x SELECT homeId, COUNT(*) AS n FROM temperatures GROUP BY homeId, deviceId")).toBe("covered");
    expect(covered("INSERT INTO x SELECT homeId, COUNT(*) AS n FROM temperatures GROUP BY homeId, _key PK homeId")).toBe("scattered");
    expect(covered("INSERT INTO x SELECT homeId, COUNT(*) AS n FROM temperatures GROUP BY homeId")).toBe("scattered, single partition");
    expect(covered("INSERT INTO x SELECT COUNT(*) AS n FROM temperatures")).toBe("scattered, single partition");
    expect(covered("INSERT INTO x SELECT deviceId, COUNT(*) AS n FROM raw GROUP BY deviceId")).toBe("scattered, single partition");
    expect(covered("INSERT INTO x SELECT COUNT(*) AS n FROM raw GROUP BY _key")).toBe("covered");
  });
});
