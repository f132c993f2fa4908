import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { withLock } from "./lock.ts";

const directory = mkdtempSync(join(tmpdir(), "sluice-lock-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe("the lock of a service", () => {
  it("lets one in after the other", async () => {
    const file = join(directory, "one.lock");
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withLock(file, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
      });
    await Promise.all([enter(), enter(), enter()]);
    expect(most).toBe(1);
  });

  it("is free again when its holder is killed", async () => {
    const file = join(directory, "two.lock");
    const script = `
      import { withLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
      await withLock(${JSON.stringify(file)}, () => {
        console.log("inside");
        return new Promise(() => setInterval(() => undefined, 1000));
      });`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    let entered = false;
    const entering = withLock(file, async () => {
      entered = true;
    });
    expect(entered).toBe(false);
    holder.kill("SIGKILL");
    await ended;
    await entering;
    expect(entered).toBe(true);
  });
});
