/** One WebSocket frame as it stands on the wire, its header with it. */
export type Frame = { bytes: Buffer; binary: boolean; data: boolean };

/** Cuts one direction of a WebSocket connection into whole frames; what comes before the end of the HTTP header passes as it is. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);
  #inHeader = true;

  /** The bytes of the HTTP header in this chunk, and the frames that are whole now. */
  push(chunk: Buffer): { header: Buffer; frames: Frame[] } {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    let header: Buffer = Buffer.alloc(0);
    if (this.#inHeader) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return { header: this.#take(this.#rest.length), frames: [] };
      this.#inHeader = false;
      header = this.#take(end + 4);
    }
    const frames: Frame[] = [];
    for (let length = this.#frameLength(); length !== null; length = this.#frameLength()) frames.push(frame(this.#take(length)));
    return { header, frames };
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  /** Null while the frame is not whole. */
  #frameLength(): number | null {
    const rest = this.#rest;
    if (rest.length < 2) return null;
    const mask = rest[1]! & 0x80 ? 4 : 0;
    const short = rest[1]! & 0x7f;
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (rest.length < 2 + extended) return null;
    const payload = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    const length = 2 + extended + mask + payload;
    return rest.length < length ? null : length;
  }
}

function frame(bytes: Buffer): Frame {
  const opcode = bytes[0]! & 0x0f;
  return { bytes, binary: opcode === 2, data: opcode === 1 || opcode === 2 };
}
