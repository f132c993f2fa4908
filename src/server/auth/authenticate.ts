import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { AuthConfig } from "../server-config.ts";
import { jwtVerifier } from "./jwt.ts";
import { ANONYMOUS, type Principal } from "./role.ts";
import { isPassword, isSameHash, tokenHash } from "./secret-hash.ts";

/** Who asks; null: nobody that is known. */
export type Authenticate = (request: IncomingMessage) => Promise<Principal | null>;

/** By client certificate, bearer token or name and password, whichever the request brings. */
export function authenticator(config: AuthConfig | undefined): Authenticate {
  if (config === undefined) return async () => ANONYMOUS;
  const { tokens = [], users = [], certificates = [], jwt } = config;
  const verify = jwt === undefined ? null : jwtVerifier(jwt);

  const byToken = async (token: string): Promise<Principal | null> => {
    const hash = tokenHash(token);
    const known = tokens.find(({ sha256 }) => isSameHash(sha256, hash));
    if (known !== undefined) return { name: known.name, role: known.role, via: "token" };
    return verify === null ? null : verify(token);
  };

  const byPassword = async (encoded: string): Promise<Principal | null> => {
    const [name = "", ...rest] = Buffer.from(encoded, "base64").toString("utf8").split(":");
    const user = users.find((candidate) => candidate.name === name);
    // Unknown names take as long as wrong passwords, so that nobody learns which there are.
    const isRight = await isPassword(rest.join(":"), user?.scrypt ?? NOBODY);
    return user !== undefined && isRight ? { name: user.name, role: user.role, via: "password" } : null;
  };

  const byCertificate = (socket: IncomingMessage["socket"]): Principal | null => {
    if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
    const { CN } = socket.getPeerCertificate().subject ?? {};
    const known = certificates.find(({ name }) => name === CN);
    return known === undefined ? null : { name: known.name, role: known.role, via: "certificate" };
  };

  return async ({ headers: { authorization = "" }, socket }) => {
    const [scheme = "", value = ""] = authorization.split(" ", 2);
    if (scheme.toLowerCase() === "bearer") return byToken(value);
    if (scheme.toLowerCase() === "basic") return byPassword(value);
    return byCertificate(socket);
  };
}

/** A hash of no password. */
const NOBODY = `scrypt:${"A".repeat(22)}:${"A".repeat(43)}`;
