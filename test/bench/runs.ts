import type { Run } from "../../bench/run.ts";
import type { Session } from "../../bench/session.ts";

export function aSession(): Session {
  return {
    startedAt: "2026-01-02T03:04:05.678Z",
    commit: "0123456789abcdef0123456789abcdef01234567",
    isModified: false,
    messages: 5_000_000,
    rounds: 3,
    names: ["sluice W1", "kafka-streams W1"],
    machine: { cores: 2, memoryGb: 24, cpu: "A CPU", system: "Linux 6" },
    versions: { node: "v24.0.0", java: "17.0.1" },
  };
}

export function aRun(figures: Partial<Run>): Run {
  return {
    name: "sluice W1",
    round: 1,
    at: "2026-01-02T03:10:00.000Z",
    isVerified: false,
    messages: 5_000_000,
    seconds: 5,
    secondHalfRate: null,
    cpuSeconds: 4,
    startCpuSeconds: 0.5,
    workCpuSeconds: 3.5,
    peakRssMb: 250,
    bytesIn: 1_200_000_000,
    brokerCpuSeconds: 1.5,
    otherCores: 0.1,
    processSeconds: 6,
    results: 1_400_281,
    ...figures,
  };
}
