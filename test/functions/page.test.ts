import { expect, it } from "vitest";
import { listFunctions } from "../../src/functions/registry.ts";
import { functionsPage } from "./page.ts";

it("docs/language/functions.md lists the functions of the tables", async () => {
  await expect(functionsPage()).toMatchFileSnapshot("../../docs/language/functions.md");
});

it("has no name twice", () => {
  const names = listFunctions().flatMap(({ name, synonyms }) => [name, ...synonyms]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

/** ksqlDB's functions, but for its table functions. */
const KSQLDB =
  `avg collect_list collect_set correlation count count_distinct earliest_by_offset histogram latest_by_offset max min stddev_samp
  stddev_sample sum topk topkdistinct attr
  abs acos asin atan atan2 cos cosh cot sin sinh tan tanh as_value cbrt ceil degrees entries exp floor generate_series geo_distance greatest
  least ln log pi power radians random round sign sqrt trunc
  array_concat array_contains array_distinct array_except array_intersect array_join array_length array_max array_min
  array_remove array_sort
  array_union as_map elt field map_keys map_values map_union slice filter reduce transform
  chr concat concat_ws encode initcap instr lcase ucase len lpad rpad mask mask_left mask_right mask_keep_left mask_keep_right md5
  regexp_extract regexp_extract_all regexp_replace regexp_split_to_array replace split split_to_map substring trim uuid to_bytes from_bytes
  extractjsonfield is_json_string json_array_contains json_array_length json_concat json_items json_keys json_records to_json_string
  coalesce ifnull nullif convert_tz dateadd datesub timeadd timesub timestampadd timestampsub format_date format_time format_timestamp
  parse_date parse_time parse_timestamp from_days from_unixtime unix_date unix_timestamp stringtotimestamp timestamptostring datetostring
  stringtodate url_decode_param url_encode_param url_extract_fragment url_extract_host url_extract_parameter url_extract_path
  url_extract_port url_extract_protocol url_extract_query`
    .trim()
    .split(/\s+/);

it("has those of ksqlDB under their names", () => {
  const names = new Set(listFunctions().flatMap(({ name, synonyms }) => [name, ...synonyms]));
  expect(KSQLDB.filter((name) => !names.has(name))).toEqual([]);
});
