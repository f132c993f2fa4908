import { describe, expect, it } from "vitest";
import { compactedSettings } from "../../../src/adapters/kafka/kafka-state-log.ts";
import { trimmedWish } from "../../../src/adapters/kafka/topics.ts";

describe("settings of internal topics", () => {
  it.each([
    [null, null],
    [1, null],
    [2, null],
    [3, "2"],
    [5, "2"],
  ])("with %s replicas have min.insync.replicas %s: of three or more one may be away, of fewer all must be there", (replication, least) => {
    const expected = least === null ? {} : { "min.insync.replicas": least };
    expect(compactedSettings(replication)).toEqual({
      ...expected,
      ...{ "cleanup.policy": "compact", "segment.bytes": "16777216", "min.cleanable.dirty.ratio": "0.2" },
    });
    expect(trimmedWish(4, replication)).toEqual({
      partitions: 4,
      settings: {
        ...expected,
        ...{ "cleanup.policy": "delete", "segment.bytes": "16777216", "retention.ms": "-1", "retention.bytes": "-1" },
      },
    });
  });
});
