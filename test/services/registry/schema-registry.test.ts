import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SchemaRegistry } from "../../../src/adapters/registry/schema-registry.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { typeName } from "../../../src/model/type.ts";
import type { TopicSchema } from "../../../src/ports/schemas.ts";
import { missingForRegistry, type Registry, startRegistry } from "./start-registry.ts";

const missing = await missingForRegistry();

describe(`a schema registry${missing === null ? "" : ` (none: ${missing})`}`, { skip: missing !== null }, () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  }, 180_000);
  afterAll(() => registry.stop());

  const open = () => new SchemaRegistry("kafka", { url: registry.url, authorization: null, requestTimeoutMs: 5_000 }, systemClock);
  const shown = (schema: TopicSchema | null) =>
    schema?.columns === undefined || schema.columns === null
      ? null
      : Object.fromEntries(schema.columns.map(({ name, type }) => [name, typeName(type)]));

  it("gives the columns of JSON Schemas, newest version first, and of schemas that they refer to", async () => {
    const room = { type: "object", properties: { floor: { type: "integer" } } };
    await registry.register("room", "JSON", room);
    await registry.register("readings-value", "JSON", { type: "object", properties: { id: { type: "string" } } });
    const properties = { id: { type: "string" }, at: { type: "string", format: "date-time" }, room: { $ref: "room.json" } };
    const id = await registry.register("readings-value", "JSON", { type: "object", properties }, [
      { name: "room.json", subject: "room", version: 1 },
    ]);
    const { key, value } = await open().of("readings");
    expect(key).toBeNull();
    expect(value).toMatchObject({ subject: "readings-value", version: 2, id, format: "json" });
    expect(shown(value)).toEqual({ id: "STRING", at: "TIMESTAMP", room: "STRUCT<floor BIGINT>" });
  });

  it("gives the columns of Avro records, of keys too, and says what is Protobuf", async () => {
    const field = (name: string, type: unknown) => ({ name, type });
    await registry.register("avro-room", "AVRO", { type: "record", name: "Room", namespace: "home", fields: [field("floor", "int")] });
    const fields = [field("id", "string"), field("n", ["null", "long"]), field("room", "home.Room")];
    const references = [{ name: "home.Room", subject: "avro-room", version: 1 }];
    await registry.register("av-value", "AVRO", { type: "record", name: "Reading", fields }, references);
    await registry.register("av-key", "AVRO", { type: "record", name: "Key", fields: [field("id", "string")] });
    const { key, value } = await open().of("av");
    expect([key?.format, shown(key)]).toEqual(["avro", { id: "STRING" }]);
    expect(shown(value)).toEqual({ id: "STRING", n: "BIGINT", room: "STRUCT<floor INT>" });
    await registry.register("pb-value", "PROTOBUF", 'syntax = "proto3"; message M { string a = 1; }');
    expect((await open().of("pb")).value).toMatchObject({ format: "protobuf", columns: null });
  });

  it("knows topics without schemas", async () => {
    expect(await open().of("nobody/knows it")).toEqual({ key: null, value: null });
  });
});
