import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { MetricFamily } from "./server/exposition.ts";
import { measuredServer } from "./server/measured-server.ts";
import { ROOT } from "./support/source-files.ts";

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly type: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const dashboard = JSON.parse(read("ops/grafana/sluice.json")) as Dashboard;
const rules = (parse(read("ops/prometheus/alerts.yaml")) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const monitoring = read("docs/operations/monitoring.md");

/** The labels of series, by their names. */
type Known = ReadonlyMap<string, ReadonlySet<string>>;

async function familiesOfServer(): Promise<readonly MetricFamily[]> {
  const { request, scrape } = await measuredServer();
  await request("GET", "/v1/pipelines");
  return scrape();
}

function knownIn(families: readonly MetricFamily[]): Known {
  const found = new Map<string, Set<string>>();
  for (const { name, labels } of families.flatMap(({ series }) => series)) {
    found.set(name, new Set([...(found.get(name) ?? []), ...Object.keys(labels)]));
  }
  return found;
}

/** What an expression asks for that no server has: names of series, and labels of their selectors. */
function unknownIn(expr: string, known: Known): readonly string[] {
  return [...expr.matchAll(/\b(sluice_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = "", selector = ""]) => {
    const labels = known.get(name);
    if (labels === undefined) return [name];
    return [...selector.matchAll(/(\w+)\s*(?:=|!=|=~|!~)\s*"/g)].flatMap(([, label = ""]) =>
      labels.has(label) ? [] : [`${name}{${label}}`],
    );
  });
}

/** Places where an expression is none of PromQL. */
function brokenIn(expr: string): readonly string[] {
  const found: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) found.push(`${from}: ${expr.slice(from, to + 10)}`);
    },
  });
  return found;
}

/** Labels that results are grouped by, or written with, and that none of the series has. */
function strangeLabels(expr: string, texts: readonly string[], series: Known): readonly string[] {
  const known = new Set([...expr.matchAll(/\b(sluice_\w+)/g)].flatMap(([, name = ""]) => [...(series.get(name) ?? [])]));
  const grouped = [...expr.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()));
  const written = texts.flatMap((text) => [...text.matchAll(/\{\{\s*(?:\$labels\.)?([a-z]\w*)\s*\}\}/g)].map(([, label = ""]) => label));
  return [...grouped, ...written].filter((label) => !known.has(label));
}

describe("the dashboard for Grafana", () => {
  const panels = dashboard.panels.filter(({ type }) => type !== "row");

  it("shows series that a server has", async () => {
    const known = knownIn(await familiesOfServer());
    expect(panels.length).toBeGreaterThan(25);
    for (const { title, targets = [] } of panels) {
      expect(targets.length, title).toBeGreaterThan(0);
      for (const { expr, legendFormat } of targets) {
        expect(brokenIn(expr.replaceAll("$__rate_interval", "5m")), title).toEqual([]);
        expect(unknownIn(expr, known), title).toEqual([]);
        expect(strangeLabels(expr, [legendFormat], known), title).toEqual([]);
      }
    }
    expect(unknownIn(JSON.stringify(dashboard.templating.list), known)).toEqual([]);
  });

  it("lays panels side by side", () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}:${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});

describe("the alerts for Prometheus", () => {
  it("ask for series that a server has, and name what they group by", async () => {
    const known = knownIn(await familiesOfServer());
    for (const { alert, expr, annotations } of rules) {
      expect(brokenIn(expr), alert).toEqual([]);
      expect(unknownIn(expr, known), alert).toEqual([]);
      expect(strangeLabels(expr, Object.values(annotations), known), alert).toEqual([]);
    }
  });

  it("say what is wrong and what to do, and are explained", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, for: since = "0m", labels, annotations } of rules) {
      expect(alert).toMatch(/^Sluice[A-Z]\w+$/);
      expect(since).toMatch(/^\d+[smh]$/);
      expect(["critical", "warning"]).toContain(labels["severity"]);
      expect([annotations["summary"], annotations["description"]].every((text) => text !== undefined && text.length > 10)).toBe(true);
      expect(monitoring, alert).toContain(`\`${alert}\``);
    }
  });

  it("are judged by their syntax, names and labels", () => {
    expect(brokenIn("sum by pipeline (sluice_pipeline_state)")).not.toEqual([]);
    const known = new Map([["sluice_pipeline_state", new Set(["pipeline", "state"])]]);
    const expr = 'sum by (pipelin) (rate(sluice_nothing_total[5m])) + sluice_pipeline_state{stat="x",state="failed"}';
    expect(unknownIn(expr, known)).toEqual(["sluice_nothing_total", "sluice_pipeline_state{stat}"]);
    expect(strangeLabels(expr, ["{{ $labels.statement }} {{pipeline}}"], known)).toEqual(["pipelin", "statement"]);
  });
});

describe("docs/operations/monitoring.md", () => {
  it("lists every metric of Sluice's own, and none that there is not", async () => {
    const families = await familiesOfServer();
    const known = knownIn(families);
    const own = families.map(({ name }) => name).filter((name) => !/^sluice_(nodejs|process)_/.test(name));
    const rows = [...monitoring.matchAll(/^\| `(sluice_\w+)`/gm)].map(([, name]) => name);
    expect([...rows].sort()).toEqual([...own].sort());
    const named = [...monitoring.matchAll(/\bsluice_\w+[a-z]\b/g)].map(([name]) => name);
    expect(named.filter((name) => !known.has(name) && !own.includes(name))).toEqual([]);
  });
});
