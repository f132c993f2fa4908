import type { Command } from "commander";
import { complete } from "../../grammar/complete.ts";
import type { SetExitCode } from "./command.ts";
import { placeCommand } from "./place.ts";

export const completeCommand = (setExitCode: SetExitCode): Command =>
  placeCommand("complete", "prints what could be written at a place of a text, as JSON", setExitCode, complete);
