import { generateSecret, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { identityProvider } from "./identity-provider.ts";
import { runningServer } from "./running-server.ts";

const ROLES = { "sluice-ops": "operator", everybody: "viewer" } as const;

/** A server that believes a provider with one key; gives what a token may do: 404 is as far as an operator comes. */
async function believing(claim: { readonly "role.claim"?: string } = {}) {
  const provider = await identityProvider();
  const key = await provider.newKey("one");
  provider.published.push(key.jwk);
  const { issuer } = provider;
  const limits = { "failures.per.minute": 1000 };
  const { request } = await runningServer({ auth: { jwt: { issuer, audience: "sluice", roles: ROLES, ...claim } }, limits });
  const status = async (token: string) =>
    (await request("POST", "/v1/pipelines/x/pause", undefined, { authorization: `Bearer ${token}` })).status;
  return { ...key, provider, status };
}

describe("tokens of an identity provider", () => {
  it("mean what their roles mean here", async () => {
    const { sign, status } = await believing();
    expect(await status(await sign({ roles: ["everybody", "sluice-ops"] }))).toBe(404);
    expect(await status(await sign({ roles: "everybody" }))).toBe(403);
    expect(await status(await sign({ roles: ["constructor"] }))).toBe(401);
    expect(await status(await sign({ roles: [7, null] }))).toBe(401);
    expect(await status(await sign())).toBe(401);
  });

  it("have their roles where the configuration says, under a name or within others", async () => {
    const nested = await believing({ "role.claim": "realm_access.roles" });
    expect(await nested.status(await nested.sign({ more: { realm_access: { roles: ["sluice-ops"] } } }))).toBe(404);
    expect(await nested.status(await nested.sign({ more: { "realm_access.roles": "everybody" } }))).toBe(403);
    for (const realm_access of ["sluice-ops", null, ["roles"], { roles: { 0: "sluice-ops" } }])
      expect(await nested.status(await nested.sign({ roles: ["sluice-ops"], more: { realm_access } }))).toBe(401);
  });

  it("are refused when they are for others, from others, too old, too new, or changed", async () => {
    const { sign, status, provider } = await believing();
    const roles = ["sluice-ops"];
    const good = await sign({ roles });
    expect(await status(good)).toBe(404);
    expect(await status(await sign({ roles, audience: "other" }))).toBe(401);
    expect(await status(await sign({ roles, issuer: "http://127.0.0.1:1" }))).toBe(401);
    expect(await status(await sign({ roles, expires: "-1 minute" }))).toBe(401);
    expect(await status(await sign({ roles, notBefore: "1 minute" }))).toBe(401);
    const [head, , signature] = good.split(".");
    const claims = { iss: provider.issuer, aud: "sluice", roles, exp: Date.now() };
    expect(await status([head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join("."))).toBe(401);
    expect(await status((await provider.newKey("one").then((key) => key.sign({ roles }))) as string)).toBe(401);
  });

  it("are refused without a signature, and with one that everybody who can check it can make", async () => {
    const { provider, status } = await believing();
    const claims = { roles: ["sluice-ops"] };
    const unsigned = new UnsecuredJWT(claims).setIssuer(provider.issuer).setAudience("sluice").setExpirationTime("5 minutes");
    expect(await status(unsigned.encode())).toBe(401);
    const symmetric = new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "one" }).setIssuer(provider.issuer);
    expect(
      await status(
        await symmetric
          .setAudience("sluice")
          .setExpirationTime("5 minutes")
          .sign(await generateSecret("HS256")),
      ),
    ).toBe(401);
    for (const token of ["", "a", "a.b.c", "..", "é.é.é", "x".repeat(8000)]) expect(await status(token)).toBe(401);
  });

  it("are believed by a provider's new key, and no more by the one it took back", async () => {
    const { sign, status, provider } = await believing();
    const roles = ["sluice-ops"];
    const old = await sign({ roles });
    expect(await status(old)).toBe(404);
    const next = await provider.newKey("two");
    provider.published.splice(0, 1, next.jwk);
    const token = await next.sign({ roles });
    await until(
      async () => (await status(token)) === 404,
      "the new key",
      20_000,
      () => "",
      200,
    );
    expect(await status(old)).toBe(401);
    expect(provider.asked()).toBeLessThan(10);
  });
});
