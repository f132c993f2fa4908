import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCassandra } from "../../../src/adapters/cassandra/open-cassandra.ts";
import type { SluiceError } from "../../../src/errors.ts";
import { INT, STRING } from "../../../src/model/type.ts";
import { Outcome } from "../../../src/ports/sink.ts";
import { batchOf, clock, config, ORIGIN, target } from "../../adapters/cassandra/routes.ts";
import { until } from "../../support/until.ts";
import { makeKeyStore, STORE_PASSWORD } from "../launcher/key-store.ts";
import { ensure, wipe } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";

const INSTANCE = "cassandra-secured";
const NEVER = new AbortController().signal;
/** The role that a new cluster has. */
const ROLE = { username: "cassandra", password: "cassandra" };
const WRONG = "not-the-password";

describeWith("cassandra", "a node with TLS and log-in", ({ localDataCenter }) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  let address = "";
  let ca = "";

  beforeAll(async () => {
    const keystore = join(folder, "store");
    ca = await makeKeyStore(keystore);
    const encryption = { enabled: true, optional: true, keystore, keystore_password: STORE_PASSWORD, store_type: "PKCS12" };
    const settings = {
      client_encryption_options: JSON.stringify(encryption),
      authenticator: JSON.stringify("PasswordAuthenticator"),
      authorizer: JSON.stringify("CassandraAuthorizer"),
    };
    await wipe("cassandra", INSTANCE);
    ({ address } = await ensure("cassandra", { instance: INSTANCE, settings }));
  });
  afterAll(async () => {
    await wipe("cassandra", INSTANCE);
    rmSync(folder, { recursive: true });
  });

  const open = (settings: Readonly<Record<string, unknown>>) =>
    openCassandra(config({ contactPoints: [address], localDataCenter, requestTimeoutMs: 5000, ...settings }), {
      clock,
      random: { next: Math.random },
      onTrouble: () => {},
    });
  const failure = async (settings: Readonly<Record<string, unknown>>): Promise<SluiceError> => {
    const connection = open(settings);
    try {
      await connection.listRelations();
    } catch (error) {
      return error as SluiceError;
    } finally {
      await connection.close();
    }
    throw new Error("it was let in");
  };

  it("is written and read", async () => {
    // The role is made a while after the node's start.
    const isIn = (): Promise<boolean> =>
      failure({ tls: { ca }, ...ROLE }).then(
        () => false,
        () => true,
      );
    await until(isIn, "the role", 60_000, () => "", 500);
    const connection = open({ tls: { ca }, ...ROLE });
    const sink = await connection.openSink(target("secured.rows", { id: STRING, n: INT }, ["id"], { autocreate: true }));
    const rows = [1, 2, 3].map((n) => ({ version: n, document: { id: `d${n}`, n } }));
    expect([...(await sink.write(batchOf(rows), ORIGIN, NEVER)).outcomes]).toEqual([Outcome.written, Outcome.written, Outcome.written]);
    let found = 0;
    for await (const { count } of connection.readTable("secured.rows", NEVER) ?? []) found += count;
    expect(found).toBe(3);
    expect(await connection.diagnose()).toEqual(expect.arrayContaining([expect.objectContaining({ ok: true })]));
    await connection.close();
  });

  it("is not trusted without its certificate's signer, nor under another name", async () => {
    expect(await failure({ tls: true, ...ROLE })).toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringMatching(/self-signed certificate/),
    });
    const elsewhere = address.replace("127.0.0.1", "127.0.0.2");
    const other = await failure({ tls: { ca }, ...ROLE, contactPoints: [elsewhere] });
    expect(other.code).toBe("CONNECTION_FAILED");
  });

  it("lets nobody in by a wrong password, or none, and no error repeats it", async () => {
    const refused = await failure({ tls: { ca }, ...ROLE, password: WRONG });
    expect(refused.code).toBe("CONNECTION_REFUSED_RIGHTS");
    expect(`${refused.message} ${refused.hint} ${String((refused.cause as Error).stack)}`).not.toContain(WRONG);
    expect((await failure({ tls: { ca } })).code).toBe("CONNECTION_REFUSED_RIGHTS");
  });
});
