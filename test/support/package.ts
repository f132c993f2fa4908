import { join } from "node:path";
import { ROOT } from "./source-files.ts";

/** What `npm pack` would ship, built from the sources before the tests. Its dependencies are those of the checkout around it. */
export const PACKAGE = join(ROOT, ".sluice/package");

/** By which those who run the tests name the command line that they have built. */
export const BIN_VARIABLE = "SLUICE_TEST_BIN";

/** The command line that is started: the package's by tests, as users have it, and that of the sources by longer loops and benches. */
export const BIN = process.env[BIN_VARIABLE] ?? join(ROOT, "bin/sluice.js");
