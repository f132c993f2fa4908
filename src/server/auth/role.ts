/** `viewer` reads, `operator` also queries, pauses, resumes and restarts, `admin` also changes what is deployed. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  /** How he showed it: names of different kinds are different people. */
  readonly via: "anonymous" | "token" | "password" | "jwt" | "certificate";
}

/** Where nobody has to say who he is, everybody may everything. */
export const ANONYMOUS: Principal = { name: "anonymous", role: "admin", via: "anonymous" };

export function mayAs(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
