import { type Finding, type FindingsReport, hasError, placeText, type Subject } from "./finding.ts";

/**
 * JUnit's XML, as build servers read it: a test suite for each suite, a test case for each subject, which fails where it
 * has an error; other findings are its output.
 */
export function junitXml({ command, subjects }: FindingsReport): string {
  const suites = [...Map.groupBy(subjects, ({ suite }) => suite)];
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: `sluice ${command}`, ...countsOf(subjects) })}>`,
    ...suites.flatMap(([name, cases]) => [
      `  <testsuite${attributes({ name, ...countsOf(cases), skipped: "0" })}>`,
      ...cases.flatMap((subject) => testCase(command, subject)),
      "  </testsuite>",
    ]),
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function testCase(command: string, subject: Subject): string[] {
  const { suite, name, seconds, findings } = subject;
  const start = `    <testcase${attributes({ name, classname: `${command}.${suite}`, time: seconds?.toFixed(3) })}`;
  if (findings.length === 0) return [`${start}/>`];
  const [errors, others] = [findings.filter(isError), findings.filter((finding) => !isError(finding))];
  return [
    `${start}>`,
    ...errors.map(
      (error) => `      <failure${attributes({ type: error.code, message: firstLine(error.message) })}>${body(error)}</failure>`,
    ),
    ...(others.length === 0 ? [] : [`      <system-out>${others.map(body).join("\n")}</system-out>`]),
    "    </testcase>",
  ];
}

function countsOf(subjects: readonly Subject[]): Readonly<Record<string, string>> {
  const seconds = subjects.reduce((sum, subject) => sum + (subject.seconds ?? 0), 0);
  const failures = subjects.filter(hasError).length;
  return { tests: String(subjects.length), failures: String(failures), errors: "0", time: seconds.toFixed(3) };
}

const isError = ({ severity }: Finding): boolean => severity === "error";
const firstLine = (text: string): string => text.split("\n", 1)[0] as string;

function body(finding: Finding): string {
  const { severity, code, message, hint } = finding;
  const text = `${placeText(finding)} ${severity} ${code}: ${message}${hint === null ? "" : `\nhint: ${hint}`}`;
  return escaped(text.trimStart());
}

function attributes(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${escaped(value).replaceAll("\n", "&#10;")}"`))
    .join("");
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" };
/** What XML 1.0 cannot hold at all, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(ILLEGAL, "\ufffd")
    .replace(/[&<>"\r]/g, (character) => ESCAPES[character] as string);
