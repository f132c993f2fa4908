import { describe, inject } from "vitest";
import type { ProvidedServices } from "./provided.ts";

/** As `describe`, with the address of the service that the tests need; skipped, saying why, on a machine without it. */
export function describeWith<Name extends keyof ProvidedServices & string>(
  service: Name,
  title: string,
  define: (address: NonNullable<ProvidedServices[Name]>) => void,
): void {
  const address: ProvidedServices[Name] = inject(service);
  if (address !== null) describe(title, () => define(address as NonNullable<ProvidedServices[Name]>));
  else describe(`${title} (no ${service}: ${inject("missingServices")[service]})`, { skip: true }, () => undefined);
}
