import { describe, expect, it } from "vitest";
import { likeliest, nearest } from "../../grammar/nearest.ts";

const FIELDS = ["deviceId", "homeId", "temperature", "humidity", "room_floor", "ts", "batteryLevel"];
const SETTINGS = [
  "source",
  "sink",
  "error.policy",
  "max.retries",
  "retry.interval",
  "dead.letters",
  "commit.interval",
  "start",
  "delivery",
];

describe("the name that was probably meant", () => {
  it.each([
    ["deviceld", "deviceId"],
    ["device_id", "deviceId"],
    ["DEVICEID", "deviceId"],
    ["temprature", "temperature"],
    ["temperatuer", "temperature"],
    ["humidty", "humidity"],
    ["st", "ts"],
  ])("is near: %s, %s", (written, meant) => {
    expect(nearest(written, FIELDS)).toBe(meant);
    expect(likeliest(written, FIELDS)).toBe(meant);
  });

  it.each([
    ["temp", FIELDS, "temperature"],
    ["device", FIELDS, "deviceId"],
    ["floor", FIELDS, "room_floor"],
    ["battery", FIELDS, "batteryLevel"],
    ["temperature_avg", FIELDS, "temperature"],
    ["deadletters", SETTINGS, "dead.letters"],
    ["retries", SETTINGS, "max.retries"],
    ["max.retry", SETTINGS, "max.retries"],
    ["policy", SETTINGS, "error.policy"],
    ["elasticsearch", ["kafka", "elastic", "cassandra"], "elastic"],
  ])("is a part of it, or it of that: %s", (written, candidates, meant) => {
    expect(likeliest(written, candidates)).toBe(meant);
  });

  it("is nobody's guess where nothing is like it, where it is short, or where several are", () => {
    for (const written of ["pressure", "x", "id", "tem"]) expect(likeliest(written, FIELDS)).toBeNull();
    expect(likeliest("temp", ["temperature", "temporary"])).toBeNull();
    expect(likeliest("interval", SETTINGS)).toBeNull();
    expect(likeliest("temperature", [])).toBeNull();
  });
});
