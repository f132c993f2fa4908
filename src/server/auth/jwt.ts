import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";
import type { AuthConfig } from "../server-config.ts";
import { type Principal, ROLES, type Role } from "./role.ts";

type JwtConfig = NonNullable<AuthConfig["jwt"]>;

/** Symmetric algorithms would make everybody who can check a token able to make one. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const DISCOVERY_MS_MAX = 5_000;
/** Keys that are not known are asked for no oftener: a provider that turns its keys is followed soon, and made-up keys cost it little. */
const KEYS = { cooldownDuration: 2_000 };

/** Gives whom a token speaks for; null: it is not valid, or none of its roles means something here. */
export function jwtVerifier(config: JwtConfig): (token: string) => Promise<Principal | null> {
  const { issuer, audience, roles } = config;
  const claim = config["role.claim"] ?? "roles";
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | null = null;
  return async (token) => {
    keys ??= keySet(config);
    const resolved = await keys.catch(() => null);
    // Asked again by the next request: the provider may be up by then.
    if (resolved === null) keys = null;
    if (resolved === null) return null;
    const verified = await jwtVerify(token, resolved, { issuer, audience, algorithms: ALGORITHMS }).catch(() => null);
    return verified === null ? null : principalOf(verified.payload, claim, roles);
  };
}

async function keySet({ issuer, jwks }: JwtConfig): Promise<ReturnType<typeof createRemoteJWKSet>> {
  if (jwks !== undefined) return createRemoteJWKSet(new URL(jwks), KEYS);
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_MS_MAX) });
  const { jwks_uri: found } = (await answer.json()) as { jwks_uri: string };
  return createRemoteJWKSet(new URL(found), KEYS);
}

/** The highest of the roles that are known here. */
function principalOf(payload: JWTPayload, claim: string, roles: Readonly<Record<string, Role>>): Principal | null {
  const written = payload[claim] ?? within(payload, claim.split("."));
  const given = (Array.isArray(written) ? written : [written]).filter((role): role is string => typeof role === "string");
  const known = given.flatMap((role) => (Object.hasOwn(roles, role) ? [ROLES.indexOf(roles[role] as Role)] : []));
  const role = ROLES[Math.max(-1, ...known)];
  return role === undefined ? null : { name: String(payload["preferred_username"] ?? payload.sub ?? "unknown"), role, via: "jwt" };
}

/** The claim at a path, as providers have them that keep several applications' roles apart. */
function within(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return isObject ? within((value as Record<string, unknown>)[key], rest) : undefined;
}
