/**
 * Reads that many ask for at once, as when everybody comes back after a restart: whoever asks gets what was read after they asked, and those who ask
 * while a read is under way share the next one. Nothing is kept once it is answered, so nothing can be stale.
 */
export class FreshReads<Key, Value> {
  readonly #running = new Map<Key, Promise<Value>>();
  readonly #next = new Map<Key, Promise<Value>>();

  constructor(private readonly read: (key: Key) => Promise<Value>) {}

  of(key: Key): Promise<Value> {
    const running = this.#running.get(key);
    if (running === undefined) return this.#begin(key);
    const next = this.#next.get(key) ?? this.#after(running, key);
    this.#next.set(key, next);
    return next;
  }

  async #after(running: Promise<Value>, key: Key): Promise<Value> {
    await running.catch(() => undefined); // told to those who asked for it
    this.#next.delete(key);
    return this.#begin(key);
  }

  #begin(key: Key): Promise<Value> {
    const reading = this.read(key).finally(() => this.#running.delete(key));
    this.#running.set(key, reading);
    return reading;
  }
}
