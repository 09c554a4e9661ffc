import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceId } from '../../../protocol/src/index.ts';
import type { Envelope, Link, LinkEvents } from './link.ts';

/** Two devices that share a room, each with its end of the adapter under test. */
export type LinkedPair = {
  near: Link;
  far: Link;
  farDevice: DeviceId;
  nearDevice: DeviceId;
  room: string;
  /** Cuts the way for good: the near end reaches nobody any more. */
  cut: () => void;
  stop: () => void;
};

/** What every adapter of the Link port must do; each runs it on its own real parts. `joined` resolves when the ends can reach each other. */
export function linkContract(name: string, joined: () => Promise<LinkedPair>): void {
  describe(`a link over ${name}`, () => {
    let pair: LinkedPair | undefined;
    afterEach(() => pair?.stop());
    const start = async () => (pair = await joined());
    const envelope = (room: string, byte: number): Envelope => ({ room, eid: eidOf(byte), ciphertext: new Uint8Array(200).fill(byte) });

    it('reaches the other device, and brings it exactly the bytes, with who handed them over', async () => {
      const { near, far, farDevice, nearDevice, room } = await start();
      expect(near.reaches(farDevice)).toBe(true);
      const arrival = next(far, 'arrived');
      near.carry(envelope(room, 7), [farDevice]);
      const { ciphertext, from, room: where } = await arrival;
      expect([...ciphertext]).toEqual([...new Uint8Array(200).fill(7)]);
      expect([where, from]).toEqual([room, nearDevice]);
    });

    it('keeps the order of what one device sends', async () => {
      const { near, far, farDevice, room } = await start();
      const seen: number[] = [];
      const all = new Promise<void>((resolve) => {
        far.on('arrived', ({ ciphertext }) => {
          seen.push(ciphertext[0]!);
          if (seen.length === 50) resolve();
        });
      });
      for (let i = 1; i <= 50; i++) near.carry(envelope(room, i), [farDevice]);
      await all;
      expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    });

    it('says that it reaches nobody after the way was cut, and carries without throwing', async () => {
      const { near, farDevice, room, cut } = await start();
      const changed = next(near, 'changed');
      cut();
      await changed;
      expect(near.reaches(farDevice)).toBe(false);
      expect(() => near.carry(envelope(room, 9), [farDevice])).not.toThrow();
      expect(() => near.release(eidOf(9))).not.toThrow();
    });
  });
}

/** The next event of a kind. */
export function next<K extends keyof LinkEvents>(link: Link, kind: K): Promise<LinkEvents[K]> {
  return new Promise((resolve) => {
    const stop = link.on(kind, (event) => {
      stop();
      resolve(event);
    });
  });
}

const eidOf = (byte: number) => String(byte).padStart(43, 'e');
