import { SETTING_NAMES, SETTINGS, type SettingSpec } from "./settings.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The settings as a Markdown table, for docs/configuration.md. */
export function settingsTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { type, initialText, doc, onlyInitial }: SettingSpec<unknown> = SETTINGS[name];
    const initially = initialText === null ? "none" : `\`${initialText}\``;
    const restriction = onlyInitial === undefined ? "" : ` Only ${initially} works so far.`;
    return `| \`${name}\` | ${cell(type)} | ${initially} | ${cell(doc)}${restriction} |`;
  });
  return ["| setting | value | initially | meaning |", "|---|---|---|---|", ...rows].join("\n");
}
