import fc from 'fast-check';
import { encodeContent } from '../../libs/protocol/src/index.ts';
import type { Envelope } from '../../libs/client/src/delivery/link.ts';
import { TestRoom } from '../../libs/client/src/room/test-room.ts';
import { world } from '../../libs/client/src/sealing/test-world.ts';

/*
 * The smallest world in which something can go wrong: real rooms over real keys, and between them a post office that is nothing but a
 * list. What it does, and in which order, fast-check decides: pass on early, late, twice or not at all, forget to answer, let devices die.
 */
const people = 3;
type Step = { who: number; pick: number } & (
  | { do: 'say' }
  /** Hands over something that waits; with `keep` the acknowledgement is lost, and it comes again. */
  | { do: 'deliver'; keep: boolean }
  /** Tells an author that something is held. */
  | { do: 'held' }
  /** Somebody asks the others for what an author said: copies come, of what is known already as well. */
  | { do: 'ask' }
  /** Dies so many turns from now, in the middle of whatever it does. */
  | { do: 'die' }
);

const step: fc.Arbitrary<Step> = fc
  .record({
    do: fc.constantFrom('say', 'say', 'deliver', 'deliver', 'deliver', 'held', 'ask', 'die'),
    who: fc.nat(people - 1),
    pick: fc.nat(100),
    keep: fc.boolean(),
  })
  .map((each) => each as Step);

/** Tries histories until one goes wrong, and then the shortest such history. Empty when none did. */
export async function model(seed: number, runs = 12): Promise<string[]> {
  const property = fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 40 }), async (steps) => {
    const findings = await History.of(steps);
    if (findings.length) throw new Error(findings.join('; '));
  });
  const result = await fc.check(property, { seed, numRuns: runs, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false });
  if (!result.failed) return [];
  const error = result.errorInstance;
  const history = JSON.stringify(result.counterexample?.[0] ?? []);
  return [`${error instanceof Error ? error.message : String(error)} (seed ${seed}, history ${history})`];
}

class History {
  /** What waits for each, in the order it was handed in. */
  readonly #waiting: Envelope[][] = Array.from({ length: people }, () => []);
  readonly #said = new Set<string>();
  readonly #tried: number[] = Array.from({ length: people }, () => 0);

  private constructor(private readonly rooms: TestRoom[]) {}

  static async of(steps: readonly Step[]): Promise<string[]> {
    const { server, devices } = await world(people);
    const history = new History(devices.map((device) => new TestRoom(device, server.room)));
    try {
      for (const { idle } of history.rooms.map((room) => ({ idle: () => room.idle() }))) await idle();
      for (const each of steps) await history.#do(each);
      return await history.#settled();
    } finally {
      history.rooms.forEach(({ room }) => room.stop());
    }
  }

  async #do(step: Step): Promise<void> {
    const room = this.rooms[step.who]!;
    if (step.do === 'say') await this.#say(step.who, step.pick);
    else if (step.do === 'deliver') await this.#deliver(step.who, step.pick, step.keep);
    else if (step.do === 'held') await this.#held(room, step.pick);
    else if (step.do === 'ask') await this.#ask(step.who, step.pick);
    else await this.#die(step.who, step.pick);
    this.#collect();
  }

  /** Now and then the device dies over it: what was not taken by then does not count. */
  async #say(who: number, pick: number): Promise<void> {
    const text = `${who} ${++this.#tried[who]!}`;
    const said = this.rooms[who]!.room.say(text).then(
      () => true,
      () => false,
    );
    if (pick % 4 === 0) await this.#die(who, pick);
    if (await Promise.race([said, turns(400).then(() => false)])) this.#said.add(text);
  }

  async #die(who: number, after: number): Promise<void> {
    await turns(after % 25);
    this.#collect();
    const room = this.rooms[who]!;
    room.restart();
    await room.idle();
    await room.room.retry('nothing'); // what waits leaves, as when the group is known to be current
  }

  async #deliver(who: number, pick: number, keep: boolean): Promise<void> {
    const waiting = this.#waiting[who]!;
    if (waiting.length === 0) return;
    const at = pick % waiting.length;
    const envelope = waiting[at]!;
    const acknowledged = await this.rooms[who]!.gets(envelope);
    if (acknowledged.length > 0 && !keep) waiting.splice(waiting.indexOf(envelope), 1);
  }

  async #held(room: TestRoom, pick: number): Promise<void> {
    const { sent } = room.relay;
    if (sent.length === 0) return;
    const { envelope, recipients } = sent[pick % sent.length]!;
    room.relay.emit('held', { eid: envelope.eid, devices: recipients });
    await room.idle();
  }

  async #ask(who: number, pick: number): Promise<void> {
    const { device, id } = this.rooms[who]!;
    const about = this.rooms[(who + 1 + (pick % (people - 1))) % people]!;
    const content = encodeContent({ kind: 'ask', ask: { device: about.device.identity.device, from: 1 + (pick % 3), to: 50 } });
    const { eid, ciphertext } = await device.sealer.seal(id, content, new Uint8Array(0));
    for (const [i, waiting] of this.#waiting.entries()) if (i !== who) waiting.push({ room: id, eid, ciphertext });
  }

  /** Takes what the rooms handed in; whoever dies before has handed in nothing, and does so again. */
  #collect(): void {
    for (const { relay } of this.rooms)
      for (const { envelope, recipients } of relay.sent)
        for (const [i, { device }] of this.rooms.entries()) {
          const waiting = this.#waiting[i]!;
          if (recipients.includes(device.identity.device) && !waiting.some(({ eid }) => eid === envelope.eid)) waiting.push(envelope);
        }
  }

  /** Everything heals: all come back, and what waits is handed over, twice to be sure. */
  async #settled(): Promise<string[]> {
    for (let i = 0; i < people; i++) await this.#die(i, 0);
    for (let round = 0; round < 4; round++) {
      this.#collect();
      for (const [i, room] of this.rooms.entries()) for (const envelope of [...this.#waiting[i]!]) await room.gets(envelope);
    }
    const texts = await Promise.all(this.rooms.map(async (room) => room.texts()));
    return this.#judge(texts);
  }

  #judge(all: string[][]): string[] {
    const findings: string[] = [];
    for (const [i, texts] of all.entries()) {
      const lost = [...this.#said].filter((text) => !texts.includes(text));
      if (lost.length) findings.push(`lost: ${i} lacks ${lost.join(', ')}`);
      if (new Set(texts).size < texts.length) findings.push(`doubled: ${i} has ${texts.join(', ')}`);
      for (let author = 0; author < people; author++) {
        const own = texts.filter((text) => text.startsWith(`${author} `)).map((text) => Number(text.slice(2)));
        if (own.some((number, at) => at > 0 && number < own[at - 1]!)) findings.push(`inverted: ${i} has ${own.join(', ')} of ${author}`);
      }
      if (texts.join() !== all[0]!.join()) findings.push(`order: ${i} and 0 differ: ${texts.join(', ')} | ${all[0]!.join(', ')}`);
    }
    return findings;
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
