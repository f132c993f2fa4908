import type { Command } from "commander";
import { hover } from "../../grammar/hover.ts";
import type { SetExitCode } from "./command.ts";
import { placeCommand } from "./place.ts";

export const hoverCommand = (setExitCode: SetExitCode): Command =>
  placeCommand("hover", "prints what stands at a place of a text, as JSON; null: nothing to say", setExitCode, hover);
