import { WORKLOADS, type WorkloadName } from "../../bench/workloads.ts";

/** Those that Sluice cannot run yet. One that begins to run makes the test of the workloads fail until it leaves this list. */
export const UNBUILT: readonly WorkloadName[] = [];

export const RUNNING: readonly WorkloadName[] = WORKLOADS.filter((workload) => !UNBUILT.includes(workload));
