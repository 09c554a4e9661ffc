/** A value that changes: read it now, or be told of each new one. Listeners are called at once with the present value. */
export interface Cell<T> {
  readonly value: T;
  /** Returns the way to stop. */
  subscribe(listener: (value: T) => void): () => void;
}

/** The writing side of a Cell; kept private by its owner. */
export class MutableCell<T> implements Cell<T> {
  readonly #listeners = new Set<(value: T) => void>();
  constructor(public value: T) {}

  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    listener(this.value);
    return () => this.#listeners.delete(listener);
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }
}
