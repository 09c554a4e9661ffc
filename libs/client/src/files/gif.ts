/** An animation larger than this is not read as a whole. */
export const gifLimit = 128 * 1024 * 1024;
const [EXTENSION, IMAGE, TRAILER] = [0x21, 0x2c, 0x3b];
const [CONTROL, APPLICATION] = [0xf9, 0xff];
/** What says how often an animation goes round; all other applications write notes: XMP, profiles, whatever they like. */
const rounds = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);

/**
 * The same animation without what was noted in it: comments, XMP and other applications' data, and whatever stands behind its end are left out; frames,
 * their times and the number of rounds stay, byte for byte. Null for what is no whole GIF89a or GIF87a. Source: GIF89a, sections 17 to 27.
 */
export function bareGif(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] | null {
  try {
    return new Reader(bytes).bare();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

class Reader {
  #at = 0;
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  /** Belongs to whatever picture or text comes next. */
  #control: Uint8Array<ArrayBuffer> | null = null;
  #frames = 0;

  constructor(private readonly bytes: Uint8Array<ArrayBuffer>) {}

  bare(): Uint8Array<ArrayBuffer>[] | null {
    if (!/^GIF8[79]a$/.test(this.#ascii(0, 6))) return null;
    this.#skip(13 + tableSize(this.#byte(10)));
    this.#parts.push(this.bytes.subarray(0, this.#at));
    for (;;) {
      const from = this.#at;
      if (from === this.bytes.length && this.#frames > 0) break; // some programs forget to end it
      const kind = this.#byte(from);
      if (kind === TRAILER) break;
      if (kind === IMAGE) this.#image(from);
      else if (kind === EXTENSION) this.#extension(from);
      else return null;
    }
    this.#parts.push(Uint8Array.of(TRAILER));
    return this.#frames > 0 ? this.#parts : null;
  }

  #image(from: number): void {
    this.#skip(10 + tableSize(this.#byte(from + 9)) + 1);
    this.#skipBlocks();
    if (this.#control) this.#parts.push(this.#control);
    this.#control = null;
    this.#parts.push(this.bytes.subarray(from, this.#at));
    this.#frames += 1;
  }

  #extension(from: number): void {
    const label = this.#byte(from + 1);
    this.#skip(2);
    this.#skipBlocks();
    const whole = this.bytes.subarray(from, this.#at);
    if (label === CONTROL) this.#control = whole.length === 8 ? whole : null;
    // A text over the picture, which no browser draws, takes what controls it along.
    else if (label === 0x01) this.#control = null;
    else if (label === APPLICATION && this.#byte(from + 2) === 11 && rounds.has(this.#ascii(from + 3, 11))) this.#rounds(from);
  }

  /** The number alone: what else such a block may hold is left out. */
  #rounds(from: number): void {
    const [size, id] = [this.#byte(from + 14), this.#byte(from + 15)];
    if (size === 3 && (id & 7) === 1) this.#parts.push(this.bytes.subarray(from, from + 18), Uint8Array.of(0));
  }

  /** Data in blocks of up to 255 bytes, until an empty one. */
  #skipBlocks(): void {
    for (let size = this.#byte(this.#at); size > 0; size = this.#byte(this.#at)) this.#skip(1 + size);
    this.#skip(1);
  }

  #skip(count: number): void {
    this.#at += count;
    if (this.#at > this.bytes.length) throw new RangeError('it ends too soon');
  }
  #byte(at: number): number {
    const byte = this.bytes[at];
    if (byte === undefined) throw new RangeError('it ends too soon');
    return byte;
  }
  #ascii(from: number, length: number): string {
    return String.fromCharCode(...this.bytes.subarray(from, from + length));
  }
}

/** Bytes of the table of colours that these flags announce. */
const tableSize = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
