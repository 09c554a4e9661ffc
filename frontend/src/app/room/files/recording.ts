import { levelOf } from './loudness.ts';

/** What was spoken: sound, how long, how loud in each tenth of a second. */
export type Spoken = { file: File; duration: number; levels: number[] };

const SAMPLE_MS = 100;
const kinds = [
  ['audio/webm;codecs=opus', 'webm'],
  ['audio/ogg;codecs=opus', 'ogg'],
  ['audio/mp4', 'm4a'],
] as const;

/** The microphone while it is on. Throws DOMException `NotAllowedError` or `NotFoundError` from `begin`. */
export class Recording {
  readonly levels: number[] = [];
  readonly #parts: Blob[] = [];
  readonly #began = performance.now();

  private constructor(
    private readonly stream: MediaStream,
    private readonly recorder: MediaRecorder,
    private readonly context: AudioContext,
    private readonly ending: string,
    heard: (levels: number[]) => void,
  ) {
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.levels.push(levelOf(samples));
      heard(this.levels);
    }, SAMPLE_MS);
    recorder.ondataavailable = ({ data }) => this.#parts.push(data);
    recorder.addEventListener('stop', () => clearInterval(timer));
    recorder.start(1000);
  }

  static async begin(heard: (levels: number[]) => void): Promise<Recording> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const [mimeType, ending] = kinds.find(([type]) => MediaRecorder.isTypeSupported(type)) ?? ['', 'webm'];
    return new Recording(stream, new MediaRecorder(stream, mimeType ? { mimeType } : {}), new AudioContext(), ending, heard);
  }

  get duration(): number {
    return Math.round(performance.now() - this.#began);
  }

  async stop(): Promise<Spoken> {
    const { duration } = this;
    const stopped = new Promise((resolve) => this.recorder.addEventListener('stop', resolve, { once: true }));
    if (this.recorder.state !== 'inactive') {
      this.recorder.stop();
      await stopped;
    }
    this.#silence();
    const type = (this.recorder.mimeType || 'audio/webm').split(';', 1)[0]!;
    return { file: new File(this.#parts, `voice.${this.ending}`, { type }), duration, levels: this.levels };
  }

  discard(): void {
    if (this.recorder.state !== 'inactive') this.recorder.stop();
    this.#silence();
  }

  /** The browser's mark that the microphone is on goes out. */
  #silence(): void {
    this.stream.getTracks().forEach((track) => track.stop());
    if (this.context.state !== 'closed') void this.context.close();
  }
}
