import { errors, types } from "cassandra-driver";
import { describe, expect, it } from "vitest";
import { failureOf, sluiceError } from "../../../src/adapters/cassandra/driver-error.ts";

const codes = types.responseErrorCodes;
const response = (code: number): Error => new errors.ResponseError(code, "the server says so");
const invalid = (message: string): Error => new errors.ResponseError(codes.invalid, message);
const nobody = (inner: Error): Error => new errors.NoHostAvailableError({ "10.0.0.1:9042": inner });

describe("an error of the driver", () => {
  it.each([
    ["overload", response(codes.overloaded), "retry", "CHANGE_UNAVAILABLE"],
    ["too few replicas", response(codes.unavailableException), "retry", "CHANGE_UNAVAILABLE"],
    ["a write time-out", response(codes.writeTimeout), "retry", "CHANGE_UNAVAILABLE"],
    ["no answer in time", new errors.OperationTimedOutError("the host did not reply", "10.0.0.1:9042"), "retry", "CHANGE_UNAVAILABLE"],
    ["busy connections", new errors.BusyConnectionError("10.0.0.1:9042", 2048, 1), "retry", "CHANGE_UNAVAILABLE"],
    ["no node", nobody(new Error("connect ECONNREFUSED")), "retry", "CONNECTION_FAILED"],
    ["a statement that a node lost", nobody(response(codes.unprepared)), "unknown", "CONNECTION_FAILED"],
    ["a table that the node does not know yet", invalid("table t1 does not exist"), "unknown", "CHANGE_UNAVAILABLE"],
    ["the same of version 3", invalid("unconfigured table t1"), "unknown", "CHANGE_UNAVAILABLE"],
    ["a keyspace that it does not know yet", invalid("keyspace k does not exist"), "unknown", "CHANGE_UNAVAILABLE"],
    ["a column that it does not know yet", invalid("Undefined column name n in table k.t1"), "unknown", "CHANGE_UNAVAILABLE"],
    ["an invalid request", response(codes.invalid), "refused", "CHANGE_REJECTED"],
    ["a value that cannot be encoded", new TypeError("Expected Number"), "refused", "CHANGE_REJECTED"],
    ["missing rights", response(codes.unauthorized), "fatal", "CONNECTION_REFUSED_RIGHTS"],
    ["a wrong password", nobody(new errors.AuthenticationError("incorrect")), "fatal", "CONNECTION_REFUSED_RIGHTS"],
  ])("%s", (_title, error, kind, code) => {
    const failure = failureOf(error);
    expect([failure.kind, failure.error.code]).toEqual([kind, code]);
    expect(failure.error.cause).toBe(error);
  });

  it("names every node that was tried, with its reason", () => {
    expect(failureOf(nobody(new Error("connect ECONNREFUSED"))).error.message).toBe("10.0.0.1:9042: connect ECONNREFUSED");
  });

  it("is no change's fault where no change was sent", () => {
    expect(sluiceError(response(codes.overloaded)).code).toBe("CONNECTION_FAILED");
    expect(sluiceError(response(codes.invalid)).code).toBe("TARGET_MISMATCH");
    expect(sluiceError(invalid("table t1 does not exist")).code).toBe("TARGET_MISMATCH");
    expect(sluiceError(new TypeError("x is not a function")).code).toBe("INTERNAL");
  });
});
