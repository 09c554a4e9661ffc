/* Not in TypeScript's library yet; Chrome on Android and macOS have it. */
type Detector = { detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]> };
declare const BarcodeDetector: (new (options: { formats: string[] }) => Detector) | undefined;

const lookEveryMs = 250;

/** Reads one QR code with the camera, where the browser itself can: nothing is loaded for it. */
export class Scanner {
  #stream: MediaStream | null = null;
  #stopped = false;

  constructor(private readonly video: HTMLVideoElement) {}

  static supported(): boolean {
    return typeof BarcodeDetector === 'function' && 'mediaDevices' in navigator;
  }

  /** Null when it was stopped before a code came. Rejects when there is no camera, or none allowed. */
  async read(): Promise<string | null> {
    const detector = new BarcodeDetector!({ formats: ['qr_code'] });
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    if (this.#stopped) return this.#end();
    this.video.srcObject = this.#stream;
    await this.video.play();
    while (!this.#stopped) {
      const [code] = await detector.detect(this.video);
      if (code) {
        this.stop();
        return code.rawValue;
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    return null;
  }

  stop(): void {
    this.#stopped = true;
    this.#end();
  }

  #end(): null {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.video.srcObject = null;
    return null;
  }
}
