import { describe, expect, it } from "vitest";
import { ROLES, type Role } from "../../src/server/auth/role.ts";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { compileValidator } from "../../src/server/compile-schemas.ts";
import { type Ask, HOT, KEPT, P, ROUTES } from "./route-table.ts";
import { runningServer } from "./running-server.ts";

interface Media {
  readonly schema: object & { readonly examples?: readonly unknown[] };
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
}

async function operationsOf(request: Awaited<ReturnType<typeof runningServer>>["request"], headers: Record<string, string>) {
  const { body } = await request("GET", "/openapi.json", undefined, headers);
  return Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
}

const as = (role: Role | null): Record<string, string> => (role === null ? {} : { authorization: `Bearer ${role}-token` });

describe("every route of /openapi.json", () => {
  it("does what it is for, refuses what it cannot do, and is for those who may", { timeout: 60_000 }, async () => {
    const tokens = ROLES.map((role) => ({ name: role, role, sha256: tokenHash(`${role}-token`) }));
    const { request, produce } = await runningServer({ auth: { tokens }, limits: { "failures.per.minute": 10_000 } });
    await produce("readings", [{ id: 1 }]);
    await request("PUT", `${P}/hot`, KEPT, as("admin"));
    const operations = await operationsOf(request, as("viewer"));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(ROUTES).sort());
    for (const [id, { role, good, bad }] of Object.entries(ROUTES)) {
      const { method, path, responses, summary, tags } = operations.find(
        ({ operationId }) => operationId === id,
      ) as (typeof operations)[number];
      const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}(\\?|$)`);
      expect([good.path, bad.path, summary]).toEqual([expect.stringMatching(pattern), expect.stringMatching(pattern), expect.any(String)]);
      expect(tags, id).toHaveLength(1);
      const send = async (ask: Ask, sender: Role | null) => {
        const { status, body } = await request(ask.method ?? method, ask.path, ask.body, as(sender));
        if (ask.method === undefined) expect(Object.keys(responses), `${id} answers ${status}`).toContain(String(status));
        return { id, sender, status, code: body?.code };
      };
      const least = role === "open" ? null : role;
      if (least !== null) {
        expect(await send(good, null)).toEqual({ id, sender: null, status: 401, code: "NOT_AUTHENTICATED" });
        for (const lower of ROLES.slice(0, ROLES.indexOf(least))) {
          expect(await send(good, lower)).toEqual({ id, sender: lower, status: 403, code: "NOT_ALLOWED" });
        }
      }
      expect(await send(bad, bad.method === undefined ? least : "viewer")).toMatchObject({
        id,
        status: bad.status,
        code: expect.any(String),
      });
      expect(await send(good, least)).toMatchObject({ id, status: good.status });
    }
  });
});

describe("/openapi.json", () => {
  it("shows for every body examples that are taken", async () => {
    const { request } = await runningServer();
    const bodies = (await operationsOf(request, {})).flatMap(({ operationId, requestBody }) => {
      return requestBody === undefined ? [] : [{ operationId, media: requestBody.content["application/json"] as Media }];
    });
    expect(bodies.length).toBeGreaterThan(8);
    for (const { operationId, media } of bodies) {
      const { schema, example, examples: named = {} } = media;
      const examples = [
        ...(schema.examples ?? []),
        ...(example === undefined ? [] : [example]),
        ...Object.values(named).map(({ value }) => value),
      ];
      expect(examples.length, operationId).toBeGreaterThan(0);
      const accepts = compileValidator({ schema, httpPart: "body" });
      for (const example of examples) expect([operationId, accepts(example)]).toEqual([operationId, true]);
    }
  });
});

describe("names in paths", () => {
  it("have up to 200 characters, of which none means something in a path", async () => {
    const { request } = await runningServer();
    const put = async (name: string) => (await request("PUT", `${P}/${name}`, HOT)).status;
    const long = "n".repeat(200);
    expect(await put(long)).toBe(201);
    expect(await request("GET", `${P}/${long}/tasks`)).toMatchObject({ status: 200, body: { pipeline: long } });
    expect(await request("DELETE", `${P}/${long}`)).toMatchObject({ status: 204 });
    expect(await put("shop.hot-1_a")).toBe(201);
    expect(await put("shop%2Ehot-1%5Fa")).toBe(200);
    for (const name of [
      "n".repeat(201),
      "a%2Fb",
      "%2e%2e%2fetc",
      "a%20b",
      "%C3%BCml%C3%A4ut",
      "%00",
      "a%0Ab",
      "-a",
      "%F0%9F%94%A5",
      "a%3Fb",
      "a%23b",
    ]) {
      expect([name, await put(name)]).toEqual([name, 400]);
    }
    // No name at all, escapes that are none, more of a name than a path may have.
    expect(await put("")).toBe(400);
    expect(await put("a%zz")).toBe(400);
    expect(await put("n".repeat(2000))).toBeGreaterThanOrEqual(400);
  });

  it("of topics may be any that a topic can have", async () => {
    const { request, source } = await runningServer();
    for (const name of ["with.dots-and_more", "ümläut", "a b", "a/b", "100%", "t".repeat(249)]) {
      await source.append(name, [{ key: null, value: Buffer.from("{}"), timestampMs: 0 }]);
      expect(await request("GET", `/v1/topics/${encodeURIComponent(name)}`)).toMatchObject({ status: 200, body: { name } });
      expect(await request("GET", `/v1/topics/${encodeURIComponent(name)}/sample`)).toMatchObject({ status: 200, body: { topic: name } });
    }
    expect(await request("GET", `/v1/topics/${"t".repeat(256)}`)).toMatchObject({ status: 400 });
  });
});
