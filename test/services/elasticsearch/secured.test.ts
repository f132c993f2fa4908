import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SluiceError } from "../../../src/errors.ts";
import { Outcome } from "../../../src/ports/sink.ts";
import { changesOf, connect, ORIGIN, targetOf } from "../../adapters/elasticsearch/support.ts";
import { makeKeyStore, STORE_PASSWORD } from "../launcher/key-store.ts";
import { describeWith } from "../needs.ts";
import { GuardedProxy } from "./guarded-proxy.ts";
import { Scratch } from "./scratch.ts";

const NEVER = new AbortController().signal;
const SECRET = "hush-hush";
const BASIC = { username: "alice", password: SECRET };
const API_KEY = Buffer.from(`id:${SECRET}`).toString("base64");

describeWith("elasticsearch", "Elasticsearch behind TLS and log-in", ({ node }) => {
  const scratch = new Scratch(node);
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  let tls: { readonly ca: string };
  let proxy: GuardedProxy;

  beforeAll(async () => {
    const allowed = [`Basic ${btoa(`${BASIC.username}:${BASIC.password}`)}`, `ApiKey ${API_KEY}`];
    const store = join(folder, "store");
    tls = { ca: await makeKeyStore(store) };
    proxy = await GuardedProxy.start({ pfx: readFileSync(store), passphrase: STORE_PASSWORD, allowed, node });
  });
  afterAll(async () => {
    await proxy?.close();
    rmSync(folder, { recursive: true });
    await scratch.clean();
  });

  const failure = async (settings: Readonly<Record<string, unknown>>): Promise<SluiceError> => {
    const { connection } = connect({ node: proxy.node, requestTimeoutMs: 5000, ...settings });
    try {
      await connection.listRelations();
    } catch (error) {
      return error as SluiceError;
    } finally {
      await connection.close();
    }
    throw new Error("it was let in");
  };

  it.each([
    ["name and password", BASIC],
    ["an API key", { apiKey: API_KEY }],
  ])("is written and read with %s", async (how, login) => {
    const { connection } = connect({ node: proxy.node, tls, ...login });
    const name = scratch.name(how.replaceAll(/\W/g, "").toLowerCase());
    const sink = await connection.openSink(targetOf(name, { autocreate: true }));
    const rows = Array.from({ length: 3000 }, (_, n) => ({ id: `id-${n}`, version: n + 1, document: `{"n":${n}}` }));
    const { outcomes } = await sink.write(changesOf(rows), ORIGIN, NEVER);
    expect(new Set(outcomes)).toEqual(new Set([Outcome.written]));
    let found = 0;
    for await (const { count } of connection.readTable(name, NEVER) ?? []) found += count;
    expect(found).toBe(rows.length);
    expect((await connection.diagnose()).filter(({ ok }) => !ok)).toEqual([]);
    await sink.close();
    await connection.close();
  });

  it("takes the login from the address, and shows none of it", async () => {
    const { connection } = connect({ node: proxy.node.replace("//", `//${BASIC.username}:${BASIC.password}@`), tls });
    await connection.listRelations();
    expect(JSON.stringify(await connection.diagnose())).not.toContain(SECRET);
    await connection.close();
  });

  it("is not trusted without its certificate's signer, and nothing is asked of it", async () => {
    const before = proxy.requests;
    const untrusted = await failure({ tls: {}, ...BASIC });
    expect([untrusted.code, untrusted.message]).toEqual(["CONNECTION_FAILED", expect.stringMatching(/certificate/)]);
    const elsewhere = await failure({ tls, ...BASIC, node: proxy.node.replace("127.0.0.1", "127.0.0.2") });
    expect(elsewhere.code).toBe("CONNECTION_FAILED");
    expect(proxy.requests).toBe(before);
  });

  it.each([
    ["a wrong password", { ...BASIC, password: `${SECRET}-not` }],
    ["a wrong key", { apiKey: Buffer.from(`id:${SECRET}-not`).toString("base64") }],
    ["none", {}],
  ])("refuses %s, and no error repeats it", async (_, login) => {
    const refused = await failure({ tls, ...login });
    expect(refused.code).toBe("CONNECTION_REFUSED_RIGHTS");
    const told = `${refused.message} ${refused.hint} ${String(refused.cause)} ${refused.stack}`;
    expect(told).not.toContain(SECRET);
    expect(told).not.toContain(API_KEY);
  });
});
