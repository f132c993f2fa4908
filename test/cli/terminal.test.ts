import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { PipelineWatch } from "../../src/cli/pipeline-watch.ts";
import { errorText } from "../../src/cli/print-error.ts";
import { type OutputFormat, RowsOutput } from "../../src/cli/rows-output.ts";
import { NO_DURATIONS } from "../../src/runtime/durations.ts";
import type { ErrorReport, ProgressMessage } from "../../src/runtime/protocol.ts";

/** A stream that keeps what is written, with the properties of a terminal that are read. */
function stream(terminal: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
  let text = "";
  const writable = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { stream: Object.assign(writable, terminal) as unknown as NodeJS.WriteStream, written: () => text };
}

const COUNTERS = { in: 0, applied: 0, filtered: 0, late: 0, deadLettered: 0, sent: 0, written: 0, superseded: 0, rejected: 0 };

const progress = (messages: number, seconds: number, lag: number): ProgressMessage => ({
  kind: "progress",
  pipeline: "sums",
  messages,
  bytes: 0,
  seconds,
  statements: [{ name: "sums#1", target: "elastic.sums", state: "running", counters: COUNTERS, lag, partitions: [], routes: [] }],
  loopLagMs: 0,
  batches: NO_DURATIONS,
});

const ERROR: ErrorReport = {
  code: "RECORD_TYPE",
  message: "n is no number",
  hint: "CAST it",
  statement: "sums#1",
  topic: "readings",
  partition: 2,
  offset: 41,
  stack: "Error: n is no number\n    at somewhere",
};

describe("PipelineWatch", () => {
  it("draws one line over itself on a terminal: messages, rate, lag, time to go", () => {
    const { stream: terminal, written } = stream({ isTTY: true, columns: 100 });
    const watch = new PipelineWatch(terminal);
    watch.take(progress(1_000, 1, 9_000));
    watch.take(progress(3_000, 2, 8_000));
    expect(written()).toBe(
      "sums 1,000 messages, 1,000/s, lag 9,000, 9 s to go\r\u001b[Ksums 3,000 messages, 2,000/s, lag 8,000, 4 s to go",
    );
    watch.close();
    expect(written().endsWith("\r\u001b[K")).toBe(true);
  });

  it("never fills the terminal's last column", () => {
    const { stream: terminal, written } = stream({ isTTY: true, columns: 30 });
    new PipelineWatch(terminal).take(progress(1_000, 1, 9_000));
    expect(written()).toHaveLength(29);
  });

  it("writes events alone where nobody looks at a terminal, and nothing twice", () => {
    const { stream: pipe, written } = stream();
    const watch = new PipelineWatch(pipe);
    watch.take(progress(1_000, 1, 9_000));
    for (let time = 0; time < 3; time++) watch.take({ kind: "waiting", pipeline: "sums", topics: ["kafka.a"] });
    watch.take({ kind: "skipped", pipeline: "sums", error: ERROR });
    expect(written()).toBe(
      "sums: waiting for kafka.a, which does not exist yet\nsums: skipped sums#1, readings partition 2 offset 41: n is no number\n",
    );
  });

  it("tells of a trouble that lasts every ten seconds, and how long it has been", () => {
    let nowMs = 0;
    const { stream: pipe, written } = stream();
    const watch = new PipelineWatch(pipe, () => nowMs);
    const refused = (seconds: number): void => {
      nowMs = seconds * 1000;
      watch.take({ kind: "trouble", pipeline: "sums", subject: "kafka", message: "refused" });
    };
    for (const seconds of [0, 1, 9, 10, 12, 25, 200]) refused(seconds);
    expect(written().trimEnd().split("\n")).toEqual([
      "sums: kafka: refused; trying again",
      "sums: kafka: refused; trying again, for 10 s now",
      "sums: kafka: refused; trying again, for 25 s now",
      "sums: kafka: refused; trying again",
    ]);
  });

  it("keeps failures", () => {
    const { stream: pipe, written } = stream();
    const watch = new PipelineWatch(pipe);
    watch.take({ kind: "statement-failed", pipeline: "sums", error: ERROR });
    expect(watch.failures).toEqual([ERROR]);
    expect(written()).toContain("error RECORD_TYPE: stopped at sums#1, readings partition 2 offset 41: n is no number\n  hint: CAST it\n");
  });
});

describe("errorText", () => {
  const { stream: pipe } = stream();

  it("shows a stack for defects of Sluice alone", () => {
    expect(errorText(pipe, ERROR)).not.toContain("somewhere");
    expect(errorText(pipe, { ...ERROR, code: "INTERNAL" })).toContain("at somewhere");
  });

  it("leaves out what is not known", () => {
    const bare = { ...ERROR, statement: null, topic: null, partition: null, offset: null, hint: null };
    expect(errorText(pipe, bare)).toBe("error RECORD_TYPE: n is no number");
    expect(errorText(pipe, bare, "sums failed")).toBe("error RECORD_TYPE: sums failed: n is no number");
  });
});

describe("RowsOutput", () => {
  const ROWS = ['{"id":"a","n":1}', '{"id":"b, \\"c\\"","n":null,"more":{"x":[1]}}'];

  async function output(format: OutputFormat, ...batches: (readonly string[])[]): Promise<string> {
    const { stream: target, written } = stream();
    const rows = new RowsOutput(target, format);
    for (const batch of batches) await rows.write(batch);
    await rows.close();
    return written();
  }

  it("writes NDJSON as it comes", async () => {
    expect(await output("ndjson", ROWS)).toBe(`${ROWS.join("\n")}\n`);
  });

  it("writes one JSON array whatever the batches, an empty one too", async () => {
    expect(JSON.parse(await output("json", [ROWS[0] as string], [ROWS[1] as string]))).toHaveLength(2);
    expect(JSON.parse(await output("json"))).toEqual([]);
  });

  it("quotes CSV", async () => {
    expect(await output("csv", ROWS)).toBe('id,n,more\na,1,\n"b, ""c""",,"{""x"":[1]}"\n');
  });

  it("keeps long integers exact", async () => {
    expect(await output("csv", ['{"n":9007199254740993,"x":0.1}'])).toBe("n,x\n9007199254740993,0.1\n");
  });

  it("begins a table anew where other columns come", async () => {
    expect(await output("table", ['{"a":1}'], ['{"a":2,"b":3}'])).toBe("a\n─\n1\na │ b\n──┼──\n2 │ 3\n(2 rows)\n");
  });

  it("aligns a table, numbers to the right, and counts", async () => {
    const text = await output("table", ['{"id":"a","n":1}', '{"id":"bcd","n":20}'], ['{"id":"e","n":3}']);
    expect(text).toBe("id  │ n\n────┼───\na   │  1\nbcd │ 20\ne   │  3\n(3 rows)\n");
    expect(await output("table")).toBe("(0 rows)\n");
  });

  it("measures wide characters as a terminal does, and lets nothing in a cell move its cursor", async () => {
    const text = await output("table", ['{"家":"東京","n":1}', '{"家":"\\u001b[2J\\n","n":20}']);
    const lines = ["家          │ n", "────────────┼───", "東京        │  1", "\\u001b[2J\\n │ 20", "(2 rows)", ""];
    expect(text.split("\n")).toEqual(lines);
  });

  it("writes a line a column where lines would be wider than the terminal", async () => {
    const { stream: narrow, written } = stream({ isTTY: true, columns: 12 });
    const rows = new RowsOutput(narrow, "table");
    await rows.write(['{"a":"12345","b":"6789012"}']);
    await rows.write(['{"a":"1","b":null}']);
    await rows.close();
    expect(written()).toBe("─[ row 1 ]\na │ 12345\nb │ 6789012\n─[ row 2 ]\na │ 1\nb │\n(2 rows)\n");
  });

  it("draws numbers from zero to the largest so far, and a line for each label", async () => {
    const { stream: target, written } = stream();
    const rows = new RowsOutput(target, "table", { chart: { column: "n", by: "id" } });
    await rows.write(['{"id":"a","n":5}', '{"id":"b","n":-1}']);
    await rows.write(['{"id":"a","n":10}', '{"id":"a","n":null}']);
    await rows.close();
    const lines = written().split("\n");
    expect(lines.slice(2, 6)).toEqual([`a  │  5 │ ${"█".repeat(20)}`, "b  │ -1 │", `a  │ 10 │ ${"█".repeat(20)}`, "a  │    │"]);
    expect(lines.slice(6)).toEqual(["a ▁█ 5 … 10", "b ▁ -1 … -1", "(4 rows)", ""]);
  });

  it("draws nothing of rows without the column, and says so", async () => {
    const { stream: target, written } = stream();
    const rows = new RowsOutput(target, "table", { chart: { column: "m", by: null } });
    await rows.write(['{"n":5}']);
    await rows.close();
    expect(written()).toBe("n\n─\n5\n(no numbers of m to draw)\n(1 row)\n");
  });
});
