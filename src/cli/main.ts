import { Command } from "commander";

/** Runs the command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command("sluice").description("SQL over streams");
  await program.parseAsync([...args], { from: "user" });
  return 0;
}
