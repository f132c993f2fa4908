import type { Command } from "commander";
import type { Finding } from "../ports/connection.ts";
import { openNamed } from "../project/open-named.ts";
import type { Project } from "../project/project.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { paint, print } from "./output.ts";

interface Diagnosis {
  readonly connection: string;
  readonly kind: string;
  readonly findings: readonly Finding[];
}

export function doctorCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("doctor", "checks every connection: reachable, version, rights; exit 3 if one is not well")
    .argument("[connection...]", "only these")
    .option("--json", "findings as JSON")
    .addHelpText("after", examples("sluice doctor", "sluice doctor kafka --config sluice.kafka.yaml"));
  return defineCommand<[string[]], { json?: boolean }>(command, setExitCode, async (options, names) => {
    const project = await openProjectOf(options);
    const chosen = names.length > 0 ? names : [...project.config.connections.keys()];
    const diagnoses = await Promise.all(chosen.map((name) => diagnose(project, name)));
    if (options.json) await print(JSON.stringify(diagnoses, null, 2));
    else for (const diagnosis of diagnoses) await printDiagnosis(diagnosis);
    return diagnoses.every(({ findings }) => findings.every(({ ok }) => ok)) ? 0 : 3;
  });
}

/** Wrong settings are a finding like others: the next connection is looked at all the same. */
async function diagnose(project: Project, name: string): Promise<Diagnosis> {
  const { environment } = await import("../project/environment.ts");
  const kind = project.config.connections.get(name)?.kind ?? "unknown";
  try {
    const connection = await openNamed(project, environment, name, () => {});
    const findings = await connection.diagnose();
    await connection.close();
    return { connection: name, kind, findings };
  } catch (error) {
    const { code, message, hint } = asSluiceError(error);
    if (code === "CONNECTION_UNKNOWN") throw error;
    return { connection: name, kind, findings: [{ check: "settings", ok: false, detail: message, advice: hint }] };
  }
}

async function printDiagnosis({ connection, kind, findings }: Diagnosis): Promise<void> {
  const { stdout } = process;
  await print(`${paint(stdout, "bold", connection)} (${kind})`);
  for (const { check, ok, detail, advice } of findings) {
    await print(`  ${ok ? paint(stdout, "green", "ok  ") : paint(stdout, "redBright", "FAIL")}  ${check}: ${detail}`);
    if (!ok && advice !== null) await print(`        ${advice}`);
  }
}
