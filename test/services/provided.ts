/** What `global-setup.ts` gives to the tests of real services; null where this machine has no such service. */
export interface ProvidedServices {
  readonly kafka: { readonly brokers: string[] } | null;
  readonly elasticsearch: { readonly node: string } | null;
  readonly cassandra: { readonly contactPoints: string[]; readonly localDataCenter: string } | null;
}

declare module "vitest" {
  interface ProvidedContext extends ProvidedServices {
    /** Why a service is null. */
    readonly missingServices: Readonly<Record<string, string>>;
  }
}
