import { basename } from "node:path";
import type { Diagnostic } from "../../../grammar/ast.ts";
import { parse } from "../../../grammar/parse.ts";
import type { Dialect } from "../../adapters/import/dialects.ts";
import { analyzePipeline } from "../../analyze/analyze-pipeline.ts";
import type { CatalogConnection } from "../../catalog/catalog.ts";
import { EMBEDDED } from "../config.ts";
import { connectorPipeline } from "./connector-pipeline.ts";
import type { Imported, ImportFindings, ImportOptions } from "./imported.ts";
import { pipelineText } from "./pipeline-text.ts";
import { sqlPipeline } from "./sql-pipeline.ts";

export interface ImportFileOptions extends ImportOptions {
  /** null: a connector's configuration. */
  readonly dialect: Dialect | null;
  /** Of the pipeline; null: as the connector or the file is called. */
  readonly name: string | null;
}

export interface ImportResult extends Imported {
  readonly name: string;
  /** The text of the pipeline's file. */
  readonly pipeline: string;
  /** What `sluice check` would say of it; errors among them: it cannot run yet, or has to be mended. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A foreign file as a pipeline. No I/O; where there are problems nothing comes out. */
export async function importFile(file: string, text: string, options: ImportFileOptions): Promise<ImportResult | ImportFindings> {
  const fileName = legalName(basename(file).replace(/\.[^.]*$/, ""));
  const { dialect } = options;
  const imported = dialect === null ? connectorPipeline(text, options) : await sqlPipeline(text, dialect, options.name ?? fileName);
  if ("problems" in imported) return imported;
  const name = options.name ?? (imported.name === null ? fileName : legalName(imported.name));
  const pipeline = pipelineText(imported.statements);
  return { ...imported, name, pipeline, diagnostics: check(name, pipeline, imported) };
}

/** Other characters than names of pipelines have become `_`. */
function legalName(text: string): string {
  return (
    text
      .replaceAll(/[^\w.-]/g, "_")
      .replace(/^[.-]+/, "")
      .slice(0, 200) || "imported"
  );
}

function check(name: string, pipeline: string, { connections }: Imported): readonly Diagnostic[] {
  const known = new Map<string, CatalogConnection>([[EMBEDDED.name, EMBEDDED]]);
  for (const { name: own, kind } of connections) known.set(own, { name: own, kind, as: kind });
  const catalog = { connections: known, defaultSource: EMBEDDED.name, defaultSink: EMBEDDED.name, streams: new Map() };
  return analyzePipeline(parse(pipeline), { name, catalog }).diagnostics;
}
