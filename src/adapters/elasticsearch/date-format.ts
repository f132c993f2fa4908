import { type DataType, typeName } from "../../model/type.ts";

/** Named formats that take an instant as we write it, `2026-01-31T12:00:00.000Z`. */
const INSTANTS = ["date_optional_time", "strict_date_optional_time", "strict_date_optional_time_nanos", "date_time", "strict_date_time"];

/** Those that take `2026-01-31`. */
const DAYS = [
  "date_optional_time",
  "strict_date_optional_time",
  "strict_date_optional_time_nanos",
  "date",
  "strict_date",
  "yyyy-MM-dd",
  "uuuu-MM-dd",
];

/** What Elasticsearch has where a field has no format. */
const STANDARD = "strict_date_optional_time||epoch_millis";

/** Why a date field's format takes no values of the type as they are written; null: it does, or nobody knows. */
export function dateFormatProblem(type: DataType, written: unknown): string | null {
  const format = typeof written === "string" ? written : STANDARD;
  const formats = format.split("||");
  const cannot = `is ${typeName(type)}, but the field is a date of the format ${format}`;
  switch (type.kind) {
    case "timestamp":
      return formats.some((one) => INSTANTS.includes(one) || mayTakeInstants(one)) ? null : cannot;
    case "date":
      return formats.some((one) => DAYS.includes(one)) || formats.some(isPattern) ? null : cannot;
    case "int":
    case "bigint":
      if (formats.includes("epoch_millis") || formats.some(isPattern)) return null;
      return formats.includes("epoch_second") ? `${cannot}: numbers are taken for seconds` : cannot;
    default:
      return null;
  }
}

/** A pattern of letters such as `yyyy-MM-dd`, not a name. */
function isPattern(format: string): boolean {
  return /[yu]{2,}|MM|dd/.test(format) && !format.includes("_");
}

/** A pattern with the time of day in it. */
function mayTakeInstants(format: string): boolean {
  return isPattern(format) && /H/.test(format);
}
