/** What nobody waits for: a failure is told, unless this device has stopped working meanwhile. */
export class Unattended {
  stopped = false;

  constructor(private readonly broken: (error: unknown) => void) {}

  async run(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!this.stopped) this.broken(error);
    }
  }
}
