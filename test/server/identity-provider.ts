import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { onTestFinished } from "vitest";

interface Claims {
  readonly roles?: unknown;
  /** Others, as they are. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly audience?: string;
  readonly issuer?: string;
  readonly expires?: string;
  readonly notBefore?: string;
}

/** An identity provider as its clients see it: OpenID configuration and keys over HTTP. */
export async function identityProvider() {
  const published: JWK[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    const isConfiguration = request.url?.endsWith("openid-configuration");
    if (!isConfiguration) asked++;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(isConfiguration ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** A key of its own, and what signs with it. */
  const newKey = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: "ES256" };
    const sign = ({ roles, more = {}, audience = "sluice", issuer: iss = issuer, expires = "5 minutes", notBefore }: Claims = {}) => {
      const token = new SignJWT({ roles, ...more, sub: "ada" })
        .setProtectedHeader({ alg: "ES256", kid })
        .setIssuer(iss)
        .setAudience(audience)
        .setExpirationTime(expires);
      return (notBefore === undefined ? token : token.setNotBefore(notBefore)).sign(privateKey);
    };
    return { jwk, sign };
  };
  return { issuer, published, newKey, asked: () => asked };
}
