import { request as plainRequest } from "node:http";
import { connect } from "node:tls";
import { describe, expect, it } from "vitest";
import { RestClient } from "../../src/client/rest-client.ts";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { certificateAuthority } from "./certificates.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";

/** A server with a certificate, that knows an operator by hers and an admin by his token. */
async function securedServer() {
  const authority = certificateAuthority();
  const auth = {
    certificates: [{ name: "ada", role: "operator" as const }],
    tokens: [{ name: "ci", role: "admin" as const, sha256: tokenHash("admin-token") }],
  };
  const { cert, key } = authority.issue("localhost");
  const { ca } = authority;
  const running = await runningServer({ auth }, { cert, key, clientCa: ca });
  const client = (options: Partial<ConstructorParameters<typeof RestClient>[0]> = {}) =>
    new RestClient({ url: running.url, ca, ...options });
  return { ...running, authority, ca, client };
}

describe("TLS", () => {
  it("is what the server speaks, with the certificate that it was given, and nothing older than 1.2", async () => {
    const { url, ca, client, server } = await securedServer();
    expect(url).toMatch(/^https:/);
    expect((await client().request("GET", "/health/live")).status).toBe(200);
    expect((await client().request("GET", "/health/live")).headers["strict-transport-security"]).toContain("max-age=");
    await expect(new RestClient({ url }).request("GET", "/health/live")).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    const { port } = new URL(url);
    const spoken = (maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
      new Promise<string>((resolve) => {
        const options = {
          host: "127.0.0.1",
          port: Number(port),
          ca,
          minVersion: "TLSv1" as const,
          maxVersion,
          ciphers: "DEFAULT@SECLEVEL=0",
        };
        const socket = connect(options, () => {
          resolve(socket.getProtocol() ?? "none");
          socket.destroy();
        });
        socket.on("error", () => resolve("refused"));
      });
    expect(await Promise.all([spoken("TLSv1.1"), spoken("TLSv1.2"), spoken("TLSv1.3")])).toEqual(["refused", "TLSv1.2", "TLSv1.3"]);
    // Plain HTTP to it is no request, and does it no harm.
    const plain = await new Promise((resolve) => plainRequest({ host: "127.0.0.1", port, path: "/" }).on("error", resolve).end());
    expect(plain).toBeInstanceOf(Error);
    expect(server.server.listening).toBe(true);
  });

  it("lets those in whose certificate the authority has signed, by their names", async () => {
    const { authority, client, deployments } = await securedServer();
    await client({ token: "admin-token" }).request("PUT", "/v1/pipelines/hot", HOT);
    const ada = client({ certificate: authority.issue("ada") });
    expect((await ada.request("POST", "/v1/pipelines/hot/pause")).status).toBe(202);
    expect(deployments.get("hot")?.changedBy).toBe("ada");
    await expect(ada.request("DELETE", "/v1/pipelines/hot")).rejects.toMatchObject({ status: 403 });
  });

  it("lets nobody in by a certificate of another authority, one of an unknown name, or none", async () => {
    const { authority, client } = await securedServer();
    const certificates = [certificateAuthority().issue("ada"), authority.issue("eve"), null];
    for (const certificate of certificates) {
      await expect(client({ certificate }).request("GET", "/v1/pipelines")).rejects.toMatchObject({ status: 401 });
      expect((await client({ certificate, token: "admin-token" }).request("GET", "/v1/pipelines")).status).toBe(200);
    }
  });
});
