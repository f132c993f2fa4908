import { SETTING_NAMES, SETTINGS, type SettingSpec } from "./settings.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The settings as a Markdown table, for docs/configuration.md. */
export function settingsTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { type, initialText, doc }: SettingSpec<unknown> = SETTINGS[name];
    const initially = initialText === null ? "none" : `\`${initialText}\``;
    return `| \`${name}\` | ${cell(type)} | ${initially} | ${cell(doc)} |`;
  });
  return ["| setting | value | initially | meaning |", "|---|---|---|---|", ...rows].join("\n");
}
