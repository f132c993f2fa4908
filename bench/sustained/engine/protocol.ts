import type { FromPipeline } from "../../../src/runtime/protocol.ts";

export type ToEngine = { readonly kind: "stop"; readonly withinMs: number };

export type FromEngine =
  | { readonly kind: "pipeline"; readonly message: FromPipeline }
  /** All pipelines have ended; their last messages came before. */
  | { readonly kind: "ended" };
