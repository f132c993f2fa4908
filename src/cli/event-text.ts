import type { ServerEvent } from "../client/server-events.ts";
import type { ErrorReport } from "../runtime/protocol.ts";
import { errorText } from "./print-error.ts";

/** An event for people, with its time; errors with place and hint. */
export function eventText(stream: NodeJS.WriteStream, { kind, data }: ServerEvent): string {
  const { at, pipeline, ...rest } = data as { readonly at?: string; readonly pipeline?: string } & Readonly<Record<string, unknown>>;
  const error = rest["error"] as ErrorReport | undefined;
  const text = error === undefined ? whatHappened(kind, rest) : errorText(stream, error, kind);
  return [at, pipeline === undefined ? text : `${pipeline}: ${text}`].filter((part) => part !== undefined).join(" ");
}

function whatHappened(kind: string, data: Readonly<Record<string, unknown>>): string {
  switch (kind) {
    case "deployed":
    case "changed":
    case "dropped":
      return `${kind} by ${data["by"]}, generation ${data["generation"]}`;
    case "state":
      return `${data["state"]}`;
    case "trouble":
      return `${data["subject"]}: ${data["message"]}; trying again`;
    case "notice":
      return `${data["statement"]}: ${data["message"]}`;
    case "gap":
      return `${data["missed"]} events were missed`;
    default:
      return `${kind} ${JSON.stringify(data)}`;
  }
}
