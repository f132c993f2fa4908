/** What `/metrics` answered, family by family. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

export function readExposition(text: string): readonly MetricFamily[] {
  return text
    .split(/^(?=# HELP )/m)
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [help = "", type = "", ...lines] = part.split("\n").filter((line) => line !== "");
      const [, name = "", about = ""] = /^# HELP (\S+) (.*)$/.exec(help) ?? [];
      return { name, help: about, type: /^# TYPE \S+ (\S+)$/.exec(type)?.[1] ?? "", series: lines.map(readSeries) };
    });
}

function readSeries(line: string) {
  const [, name, labels = "", value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no series: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [key, text] as const);
  return { name, labels: Object.fromEntries(pairs), value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value) };
}

const UNITS = /_(milliseconds|ms|minutes|hours|days|kilobytes|kb|megabytes|mb)(_|$)/;

/** What the naming rules of Prometheus have against a family, as `promtool check metrics` says it. */
export function lint({ name, type, help, series }: MetricFamily): readonly string[] {
  const found: string[] = [];
  const rule = (isBroken: boolean, what: string): void => void (isBroken && found.push(`${name}: ${what}`));
  rule(!name.startsWith("sluice_"), "begins with sluice_");
  rule(help === "", "has a help text");
  rule(!/^[a-z][a-z0-9_]*$/.test(name), "is in snake case");
  rule((type === "counter") !== name.endsWith("_total"), "counters, and no others, end with _total");
  rule(UNITS.test(name), "has a base unit");
  rule(/_(count|sum|bucket)$/.test(name), "does not end like a part of a histogram");
  rule(new RegExp(`_${type}(_|$)`).test(name), "does not repeat its type");
  rule(
    series.some(({ labels }) => Object.keys(labels).some((label) => !/^[a-z][a-z0-9_]*$/.test(label))),
    "has labels in snake case",
  );
  rule(new Set(series.map((one) => JSON.stringify([one.name, one.labels]))).size < series.length, "has each series once");
  if (type === "histogram") {
    const buckets = series.filter((one) => one.name === `${name}_bucket`);
    rule(
      buckets.some(({ labels }, at) => labels["le"] === "+Inf" && buckets[at]?.value !== series.find(countOf(name, labels))?.value),
      "counts all in its last bucket",
    );
  }
  return found;
}

function countOf(name: string, { le: _, ...labels }: Readonly<Record<string, string>>) {
  const key = JSON.stringify(labels);
  return (one: MetricFamily["series"][number]): boolean => one.name === `${name}_count` && JSON.stringify(one.labels) === key;
}
