import { BaseSequencer, type TestSpecification } from "vitest/node";

/** They take longest, which their size does not tell: last, one of them would run while nothing else is left. */
const LONG = [
  "test/services/kill-loop/",
  "test/services/poison/",
  "test/services/main-job/",
  "test/services/openapi/",
  "test/services/bench/",
  "test/services/version-control/",
  "test/simulation/",
  "test/oracle/",
  "test/server/leaks",
  "test/cli/version-control",
  "test/cli/run",
];

const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((part) => moduleId.includes(part));

/** A process is shared by files that follow each other: a new one loads its modules again. */
const SHARING = 36;

/**
 * Files of all projects in turn, by how many each has, so that one that computes runs beside one that waits. Within a project the long
 * ones are first.
 */
export class SpreadSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const byProject = Map.groupBy(sorted, ({ project }) => project.name);
    return [...byProject.values()]
      .flatMap((own) =>
        [...own.filter(isLong), ...own.filter((file) => !isLong(file))].map((file, at) => ({
          file,
          place: (file.project.config.isolate ? at : at - (at % SHARING)) / own.length,
        })),
      )
      .sort((left, right) => left.place - right.place)
      .map(({ file }) => file);
  }
}
