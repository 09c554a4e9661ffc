import { sleep } from './load.ts';
import type { Member } from './people/member.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** One blow of a fault: how much was submitted and not yet answered for at that moment. */
export type Blow = { fault: string; underWay: number; count: number };

/** One kind of fault. `run` strikes while people talk, lets it last, and leaves a healed world behind. */
export type Fault = {
  name: string;
  /** How often it comes in a long run, against the others. */
  weight: number;
  /** Why it cannot be had here, if it cannot. */
  missing?: () => string | null;
  run(trial: Trial): Promise<void>;
};

const momentMs = 3_000;

/** What a fault needs to know while it happens. */
export class Trial {
  readonly blows: Blow[] = [];

  constructor(
    readonly world: World,
    readonly random: Random,
    private readonly fault: string,
  ) {}

  /** Does it at the moment when a submission has just left. `count`: what one blow stands for, when it is more than one thing. */
  async strike<T>(act: () => T, who: readonly Member[] = this.world.members): Promise<T> {
    await this.moment(who);
    this.note();
    return act();
  }

  note(count = 1, fault = this.fault): void {
    this.blows.push({ fault, underWay: this.world.underWay, count });
  }

  /** Until somebody of these has just submitted something; at most 3 s. */
  async moment(who: readonly Member[] = this.world.members): Promise<void> {
    let timer: ReturnType<typeof setTimeout>;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, momentMs);
      for (const member of who) member.onSubmitted = resolve;
    });
    clearTimeout(timer!);
    for (const member of who) member.onSubmitted = () => undefined;
  }

  last(from: number, to: number): Promise<void> {
    return sleep(this.random.whole(from, to));
  }
  someone(): Member {
    return this.random.one(this.world.members);
  }
}
