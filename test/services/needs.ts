import { describe, inject } from "vitest";
import type { ProvidedServices } from "./provided.ts";

type Addresses<Name extends keyof ProvidedServices> = { readonly [Each in Name]: NonNullable<ProvidedServices[Each]> };

/** As `describe`, with the address of the service that the tests need; skipped, saying why, on a machine without it. */
export function describeWith<Name extends keyof ProvidedServices & string>(
  service: Name,
  title: string,
  define: (address: NonNullable<ProvidedServices[Name]>) => void,
): void {
  describeWithAll([service], title, ({ [service]: address }) => define(address));
}

/** The same for tests that need several services. */
export function describeWithAll<Name extends keyof ProvidedServices & string>(
  services: readonly Name[],
  title: string,
  define: (addresses: Addresses<Name>) => void,
): void {
  const missing = services.filter((service) => inject(service) === null);
  if (missing.length === 0) {
    describe(title, () => define(Object.fromEntries(services.map((service) => [service, inject(service)])) as Addresses<Name>));
    return;
  }
  const reasons = missing.map((service) => `no ${service}: ${inject("missingServices")[service]}`);
  describe(`${title} (${reasons.join("; ")})`, { skip: true }, () => undefined);
}
