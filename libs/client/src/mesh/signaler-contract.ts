import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../../protocol/src/index.ts';
import type { Signaler, SignalerEvents } from './signaler.ts';

export type SignalingPair = {
  near: Signaler;
  far: Signaler;
  nearDevice: DeviceId;
  farDevice: DeviceId;
  room: string;
  cut: () => void;
  mend: () => void;
};

/** What every adapter of the Signaler port must do. */
export function signalerContract(name: string, connected: () => Promise<SignalingPair>): void {
  describe(`a signaler over ${name}`, () => {
    it('passes a text to the device it is for, with room and sender, in order', async () => {
      const { near, far, nearDevice, farDevice, room } = await connected();
      const heard: SignalerEvents['signal'][] = [];
      const both = new Promise<void>((resolve) => {
        far.on('signal', (signal) => heard.push(signal) === 2 && resolve());
      });
      expect(near.signal(room, farDevice, 'first')).toBe(true);
      expect(near.signal(room, farDevice, 'second')).toBe(true);
      await both;
      expect(heard).toEqual(['first', 'second'].map((data) => ({ room, from: nearDevice, data })));
    });

    it('says so when nothing can be passed, and when it can again', async () => {
      const { near, farDevice, room, cut, mend } = await connected();
      cut();
      expect(near.signal(room, farDevice, 'lost')).toBe(false);
      const ready = new Promise((resolve) => near.on('ready', resolve));
      mend();
      await ready;
      expect(near.signal(room, farDevice, 'found')).toBe(true);
    });
  });
}
