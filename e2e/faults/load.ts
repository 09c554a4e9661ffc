import type { Member } from './people/member.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

const sayMs = 10_000;

/** People who talk: each says words at its own pace, writes down what was taken, and goes on until told to stop. */
export class Load {
  #talking = true;
  readonly #authors: Promise<void>[];
  /** `each` messages of everybody in quick succession; then more, slowly, until `stop`. */
  constructor(
    private readonly world: World,
    random: Random,
    private readonly each: number,
  ) {
    this.#authors = world.members.map((member) => this.#talk(member, random.for(member.name)));
  }

  /** Until everybody who lives has said something more; at most 3 s. */
  async oneMoreRound(): Promise<void> {
    const before = new Map([...this.world.journals].map(([name, { said }]) => [name, said.length]));
    const silent = () =>
      this.world.members.some(({ name, dead }) => !dead && this.world.journals.get(name)!.said.length === before.get(name));
    for (const until = Date.now() + 3_000; silent() && Date.now() < until;) await sleep(20);
  }

  async stop(): Promise<void> {
    this.#talking = false;
    await Promise.all(this.#authors);
  }

  async #talk(member: Member, random: Random): Promise<void> {
    for (let i = 0; this.#talking; i++) {
      await sleep(i < this.each ? random.whole(15, 90) : random.whole(250, 600));
      if (this.#talking && !member.dead) await this.#say(member);
    }
  }

  /** A device that dies meanwhile never answers: what it was about to say was not said. */
  async #say(member: Member): Promise<void> {
    const journal = this.world.journals.get(member.name)!;
    const text = journal.next();
    const { person } = member;
    let died: ReturnType<typeof setInterval>;
    const gone = new Promise<false>((resolve) => {
      const begun = Date.now();
      died = setInterval(() => (member.dead || member.person !== person || Date.now() - begun > sayMs) && resolve(false), 20);
    });
    const said = member.room.say(text).then(
      () => true,
      () => false, // refused: it was told, and does not count
    );
    if (await Promise.race([said, gone])) journal.write(text);
    clearInterval(died!);
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
