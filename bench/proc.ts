import { readFileSync } from "node:fs";

/** What Linux tells of processes; elsewhere null, and the columns stay empty. */

/** Clock ticks a second; fixed by the kernel's interface. */
const TICKS = 100;

const read = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

function statFields(pid: number | "self"): readonly number[] | null {
  const text = read(`/proc/${pid}/stat`);
  return (
    text
      ?.slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number) ?? null
  );
}

const seconds = (fields: readonly number[] | null, user: number, system: number): number | null =>
  fields === null ? null : ((fields[user] ?? 0) + (fields[system] ?? 0)) / TICKS;

/** CPU of a process with all its threads. */
export const cpuSeconds = (pid: number): number | null => seconds(statFields(pid), 11, 12);

/** CPU of all our children that have ended. */
export const endedChildrenCpuSeconds = (): number | null => seconds(statFields("self"), 13, 14);

export function peakRssMb(pid: number): number | null {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** Bytes that a process has read from files and sockets. */
export function readBytes(pid: number): number | null {
  const bytes = /^rchar: (\d+)/m.exec(read(`/proc/${pid}/io`) ?? "")?.[1];
  return bytes === undefined ? null : Number(bytes);
}

/** CPU that the whole machine has used since it started. */
export function machineCpuSeconds(): number | null {
  const line = read("/proc/stat")?.split("\n")[0];
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + interrupts + softInterrupts) / TICKS;
}
