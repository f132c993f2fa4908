import { SluiceError } from "../errors.ts";
import { isPipelineName, PIPELINE_NAME_LENGTH_MAX } from "../project/pipeline-files.ts";
import type { HostedPipeline, MadePipeline, PipelineCommand, PipelineHost } from "../project/statements/pipeline-host.ts";
import { versionOf } from "./deployment.ts";
import type { DeploymentChange } from "./deployment-change.ts";
import type { Deployments } from "./deployments.ts";
import type { Fleet } from "./fleet.ts";
import type { PipelineStatuses } from "./shared-statuses.ts";

/** How long whoever makes a pipeline waits for its beginning; what takes longer goes on without him. */
const SETTLED_WITHIN_MS = 3_000;

export interface HostParts {
  readonly deployments: Deployments;
  readonly fleet: Fleet;
  readonly statuses: PipelineStatuses;
}

/** The pipelines of a server, for the statements of one who may change them. */
export class FleetHost implements PipelineHost {
  private readonly deployments: Deployments;
  private readonly fleet: Fleet;
  private readonly statuses: PipelineStatuses;
  private readonly by: string;
  private readonly demanded: string | null;

  /** `demanded`: what a pipeline is to be called that is made; null: after its target. */
  constructor({ deployments, fleet, statuses }: HostParts, by: string, demanded: string | null) {
    this.deployments = deployments;
    this.fleet = fleet;
    this.statuses = statuses;
    this.by = by;
    this.demanded = demanded;
  }

  list(): readonly HostedPipeline[] {
    return this.deployments.list().map(({ name, text, version }) => {
      const status = this.statuses.status(name);
      return { name, text, version, state: status?.state ?? "starting", statements: status?.statements ?? [] };
    });
  }

  async make(suggested: string, text: string): Promise<MadePipeline> {
    for (;;) {
      const made = this.nameFor(suggested, versionOf(text), (name) => this.deployments.get(name)?.version ?? null);
      if (made.isNew && !(await this.put(made.name, text))) continue;
      // So that what it writes is there for the next statement.
      await this.fleet.settled(made.name, SETTLED_WITHIN_MS);
      return made;
    }
  }

  /**
   * The same statements again are the same pipeline, as long as it has a name that they would get. `versionAt`: null where the
   * name is free. Throws PIPELINE_EXISTS.
   */
  nameFor(suggested: string, version: string, versionAt: (name: string) => string | null): MadePipeline {
    for (let n = 1; ; n++) {
      const name = this.demanded ?? numbered(asPipelineName(suggested), n);
      const known = versionAt(name);
      if (known === null || known === version) return { name, isNew: known === null };
      if (this.demanded === null) continue;
      const hint = "choose another name, or replace it by PUT /v1/pipelines/NAME";
      throw new SluiceError("PIPELINE_EXISTS", `there is a pipeline '${name}' already, with other statements`, { hint });
    }
  }

  rehearse(): PipelineHost {
    return new Rehearsal(this);
  }

  /** false: somebody else has taken the name meanwhile. */
  private async put(name: string, text: string): Promise<boolean> {
    try {
      await this.deployments.change([{ kind: "put", name, text, at: null }], { by: this.by });
      return true;
    } catch (error) {
      if (error instanceof SluiceError && error.code === "CATALOG_CHANGED") return false;
      throw error;
    }
  }

  async command(command: PipelineCommand, names: readonly string[]): Promise<void> {
    await this.deployments.change(
      names.map((name) => changeOf(command, name)),
      { by: this.by },
    );
  }
}

function changeOf(command: PipelineCommand, name: string): DeploymentChange {
  switch (command) {
    case "DROP":
      return { kind: "drop", name };
    case "RESTART":
      return { kind: "restart", name };
    case "PAUSE":
      return { kind: "desire", name, desired: "paused" };
    case "RESUME":
      return { kind: "desire", name, desired: "running" };
  }
}

/** Pipelines as they would be. */
class Rehearsal implements PipelineHost {
  private readonly host: FleetHost;
  private readonly byName: Map<string, HostedPipeline>;

  constructor(host: FleetHost) {
    this.host = host;
    this.byName = new Map(host.list().map((pipeline) => [pipeline.name, pipeline]));
  }

  list(): readonly HostedPipeline[] {
    return [...this.byName.values()];
  }

  async make(suggested: string, text: string): Promise<MadePipeline> {
    const version = versionOf(text);
    const made = this.host.nameFor(suggested, version, (name) => this.byName.get(name)?.version ?? null);
    if (made.isNew) this.byName.set(made.name, { name: made.name, text, version, state: "starting", statements: [] });
    return made;
  }

  async command(command: PipelineCommand, names: readonly string[]): Promise<void> {
    if (command === "DROP") for (const name of names) this.byName.delete(name);
  }

  rehearse(): PipelineHost {
    return this;
  }
}

/** Characters that no name may have become underscores. */
export function asPipelineName(text: string): string {
  const name = text.replace(/[^\w.-]/g, "_").slice(0, PIPELINE_NAME_LENGTH_MAX);
  return isPipelineName(name) ? name : `_${name}`.slice(0, PIPELINE_NAME_LENGTH_MAX);
}

/** `readings`, `readings-2`, `readings-3` */
function numbered(name: string, n: number): string {
  if (n === 1) return name;
  const suffix = `-${n}`;
  return `${name.slice(0, PIPELINE_NAME_LENGTH_MAX - suffix.length)}${suffix}`;
}
