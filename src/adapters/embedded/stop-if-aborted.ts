import { SluiceError } from "../../errors.ts";

/** Throws STOPPED once `signal` is aborted. */
export function stopIfAborted(signal: AbortSignal, name: string, partition?: number): void {
  if (!signal.aborted) return;
  const coordinates = partition === undefined ? {} : { topic: name, partition };
  throw new SluiceError("STOPPED", `${name}: the operation was given up`, { coordinates });
}
