/** Typed events between the parts of the core. A listener that throws is reported, and never keeps the others from hearing. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<PropertyKey, Set<(event: never) => void>>();

  /** Returns the way to stop. */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: Events[K]) => void)(event);
      } catch (error) {
        reportUnexpected(error);
      }
    }
  }
}

/** Unexpected errors go where the platform shows them (window.onerror, uncaughtException), never nowhere. */
export function reportUnexpected(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
