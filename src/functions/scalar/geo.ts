import { DOUBLE } from "../../model/type.ts";
import { number, optional, text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

/** The earth as a sphere of its mean radius: errors stay below 0.6 %. */
const RADIUS: Readonly<Record<string, number>> = { km: 6371, mi: 3959, m: 6_371_000 };

export const geoFunctions: readonly ScalarFunction[] = [
  {
    name: "geo_distance",
    synonyms: [],
    parameters: [
      number("latitude1"),
      number("longitude1"),
      number("latitude2"),
      number("longitude2"),
      optional({ ...text("unit"), oneOf: ["km", "m", "mi"] }),
    ],
    result: DOUBLE,
    doc: "The great-circle distance of two points in degrees, in kilometres unless the unit `m` or `mi` is asked for.",
    examples: [
      { sql: "geo_distance(0, 0, 0, 180)", result: Math.PI * 6371, duckdb: null },
      { sql: "round(geo_distance(37.4439, -122.1663, 51.5257, -0.1122))", result: 8635, duckdb: null },
      { sql: "round(geo_distance(37.4439, -122.1663, 51.5257, -0.1122, 'mi'))", result: 5366, duckdb: null },
    ],
    implement: (latitude1: number, longitude1: number, latitude2: number, longitude2: number, unit = "km") => {
      const radius = RADIUS[unit.toLowerCase()];
      if (radius === undefined) throw new RangeError(`'${unit}' is no unit of distance; use km, m or mi`);
      const from = [place(latitude1, 90), place(longitude1, 180)] as const;
      const to = [place(latitude2, 90), place(longitude2, 180)] as const;
      return radius * centralAngle(from, to);
    },
  },
];

type Point = readonly [latitude: number, longitude: number];

/** By the haversine formula, which keeps its precision where the points are close. */
function centralAngle([latitude1, longitude1]: Point, [latitude2, longitude2]: Point): number {
  const half =
    Math.sin((latitude2 - latitude1) / 2) ** 2 + Math.cos(latitude1) * Math.cos(latitude2) * Math.sin((longitude2 - longitude1) / 2) ** 2;
  return 2 * Math.asin(Math.min(1, Math.sqrt(half)));
}

function place(degrees: number, limit: number): number {
  if (!(Math.abs(degrees) <= limit)) throw new RangeError(`${degrees} is not between -${limit} and ${limit} degrees`);
  return (degrees / 180) * Math.PI;
}
