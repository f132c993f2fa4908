import { type Coordinates, SluiceError } from "../errors.ts";
import type { ErrorReport } from "./protocol.ts";

/** Whatever was thrown, as an operating error; what is not one is a defect of ours. */
export function asSluiceError(error: unknown, coordinates: Coordinates = {}): SluiceError {
  if (error instanceof SluiceError) {
    if (Object.keys(coordinates).length === 0) return error;
    const hint = error.hint === null ? {} : { hint: error.hint };
    return new SluiceError(error.code, error.message, {
      ...hint,
      coordinates: { ...coordinates, ...error.coordinates },
      cause: error.cause ?? error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new SluiceError("INTERNAL", message, { coordinates, cause: error });
}

export function reportOf(error: SluiceError): ErrorReport {
  const { statement, topic, partition, offset } = error.coordinates;
  const cause = error.cause instanceof Error ? error.cause : error;
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    statement: statement ?? null,
    topic: topic ?? null,
    partition: partition ?? null,
    offset: offset ?? null,
    stack: cause.stack ?? null,
  };
}

/** The error that a report tells of, as one that can be thrown again. */
export function errorOf({ code, message, hint, statement, topic, partition, offset }: ErrorReport): SluiceError {
  const coordinates = {
    ...(statement === null ? {} : { statement }),
    ...(topic === null ? {} : { topic }),
    ...(partition === null ? {} : { partition }),
    ...(offset === null ? {} : { offset }),
  };
  return new SluiceError(code, message, { coordinates, ...(hint === null ? {} : { hint }) });
}
