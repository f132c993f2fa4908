import type { Route } from "../routes/route.ts";

/** Who waits for a task to change. They are told once, of what they see, or of room in any of its routes. */
export class TaskListeners {
  private readonly routes: readonly (Route | null)[];
  private waiting: (() => void)[] = [];
  /** Routes that will tell us: each once, however many wait. Whoever still waits then adds itself anew, with all routes. */
  private readonly asked = new Set<Route>();

  constructor(routes: readonly (Route | null)[]) {
    this.routes = routes;
  }

  add(listener: () => void): void {
    this.waiting.push(listener);
    for (const route of this.routes) {
      if (route === null || this.asked.has(route)) continue;
      this.asked.add(route);
      route.onRoom(() => {
        this.asked.delete(route);
        this.tell();
      });
    }
  }

  tell(): void {
    for (const listener of this.waiting.splice(0)) listener();
  }
}
