import { onTestFinished } from "vitest";
import { Harness } from "./harness.ts";

/** A harness of the test that asks for it, whose files are gone when that is over. */
export function newHarness(...options: ConstructorParameters<typeof Harness>): Harness {
  const harness = new Harness(...options);
  onTestFinished(() => harness.dispose());
  return harness;
}
