import { Injectable } from '@angular/core';
import type { SoundEvent } from '../../../../libs/client/src/index.ts';

type Tone = { hertz: number; at: number; seconds: number };

/** What each event sounds like (PRES3): made here, so that there is nothing to fetch. Seconds. */
const tunes: { [E in SoundEvent]: readonly Tone[] } = {
  message: [{ hertz: 620, at: 0, seconds: 0.12 }],
  mention: [
    { hertz: 620, at: 0, seconds: 0.1 },
    { hertz: 930, at: 0.11, seconds: 0.18 },
  ],
  joined: [
    { hertz: 440, at: 0, seconds: 0.09 },
    { hertz: 554, at: 0.1, seconds: 0.12 },
  ],
  failed: [
    { hertz: 330, at: 0, seconds: 0.14 },
    { hertz: 233, at: 0.15, seconds: 0.24 },
  ],
};
const LOUD = 0.12;
/** A hundred messages that come at once are one sound. */
const PAUSE_MS = 1_000;

@Injectable({ providedIn: 'root' })
export class Sounds {
  #audio: AudioContext | null = null;
  #playedAt = -PAUSE_MS;

  /** Browsers make no sound before somebody has touched the page: then this does nothing. */
  async play(event: SoundEvent): Promise<void> {
    if (performance.now() - this.#playedAt < PAUSE_MS) return;
    this.#playedAt = performance.now();
    this.#audio ??= new AudioContext();
    if (this.#audio.state === 'suspended') await Promise.race([this.#audio.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
    if (this.#audio.state === 'running') for (const tone of tunes[event]) strike(this.#audio, tone);
  }
}

/** Swells and fades: a tone that begins at once clicks. */
function strike(audio: AudioContext, { hertz, at, seconds }: Tone): void {
  const [begin, end] = [audio.currentTime + at, audio.currentTime + at + seconds];
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(LOUD, begin + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, end);
  const tone = audio.createOscillator();
  tone.frequency.value = hertz;
  tone.connect(gain).connect(audio.destination);
  tone.start(begin);
  tone.stop(end);
}
