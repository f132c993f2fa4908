import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { INITIAL_SETTINGS, SETTING_NAMES, SETTINGS, type SettingSpec, withSetting } from "../../src/analyze/settings.ts";
import { settingsTable } from "../../src/analyze/settings-table.ts";
import { replaceBlock } from "../support/generated-block.ts";
import { analyze, statement, statements } from "./catalog.ts";

describe("settings of statements", () => {
  it("have defaults that need nothing set", () => {
    expect(statement("INSERT INTO x SELECT * FROM raw").settings).toEqual({
      errorPolicy: "throw",
      retriesMax: 20,
      retryIntervalMs: 1_000,
      commitIntervalMs: 200,
      idleTimeoutMs: 30_000,
      time: "event",
      deadLetters: null,
      deadLettersMask: [],
      deadLettersRetentionMs: null,
      errorBudget: null,
      start: "earliest",
      autocreate: false,
      delivery: "idempotent",
      pace: "free",
      lookup: { cacheRows: 10_000, cacheTtlMs: 60_000, timeoutMs: 5_000 },
    });
  });

  it("hold for the statements behind them", () => {
    const text = `INSERT INTO a SELECT * FROM raw; SET 'error.policy' = 'NOOP'; SET max.retries = 5; SET 'retry.interval' = '1.5 s';
      INSERT INTO b SELECT * FROM raw; SET 'commit.interval' = 50; SET 'start' = 'latest'; SET 'dead.letters' = 'kafka.dead.letters';
      INSERT INTO c SELECT * FROM raw`;
    const [first, second, third] = statements(text).map(({ settings }) => settings);
    expect(first).toMatchObject({ errorPolicy: "throw", retriesMax: 20 });
    expect(second).toMatchObject({ errorPolicy: "noop", retriesMax: 5, retryIntervalMs: 1_500, commitIntervalMs: 200, deadLetters: null });
    expect(third).toMatchObject({
      errorPolicy: "noop",
      commitIntervalMs: 50,
      start: "latest",
      deadLetters: { connection: "kafka", kind: "topic", name: "dead.letters" },
    });
  });

  it("come from the configuration too, and SET goes before it", () => {
    const settings = { "error.policy": "retry", "max.retries": 3, sink: "kafka" };
    const [bound] = statements("SET 'max.retries' = 4; INSERT INTO a SELECT * FROM raw", { settings });
    expect(bound).toMatchObject({ target: { kind: "topic" }, settings: { errorPolicy: "retry", retriesMax: 4 } });
    const { diagnostics } = analyze("INSERT INTO a SELECT * FROM raw", { settings: { "max.retires": 3 } });
    expect(diagnostics).toMatchObject([{ code: "UNKNOWN_SETTING", hint: "did you mean max.retries?", span: { start: 0, end: 0 } }]);
  });

  it.each([
    [
      "retry.interval",
      ["5", 5],
      ["10s", 10_000],
      ["2 m", 120_000],
      [0.4, undefined],
      ["0", undefined],
      ["-1s", undefined],
      ["30d", undefined],
    ],
    ["max.retries", [0, 0], ["7", 7], [1.5, undefined], [true, undefined]],
    ["error.policy", ["Retry", "retry"], ["", undefined], [1, undefined]],
    ["dead.letters", [" a.b ", "a.b"], ["", undefined]],
    ["parallelism", [1, 1], ["4", 4], [64, 64], [65, undefined], [0, undefined]],
  ] as const)("%s reads its values", (name, ...cases) => {
    for (const [value, expected] of cases) {
      const result = withSetting(INITIAL_SETTINGS, name, value);
      expect(result.ok ? result.settings[name] : undefined, String(value)).toBe(expected);
    }
  });

  it("read their own initial text as their initial value", () => {
    for (const name of SETTING_NAMES) {
      const { initial, initialText, read }: SettingSpec<unknown> = SETTINGS[name];
      if (initial !== null) expect(read(initialText), name).toBe(initial);
    }
  });
});

it("docs/configuration.md lists the settings", async () => {
  const path = new URL("../../docs/configuration.md", import.meta.url);
  const document = readFileSync(path, "utf8");
  await expect(replaceBlock(document, "settings", settingsTable())).toMatchFileSnapshot("../../docs/configuration.md");
});
