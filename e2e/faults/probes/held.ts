import { Random } from '../random.ts';
import { sleep } from '../load.ts';
import { eventually } from '../../lab/free-port.ts';
import { World } from '../world.ts';

/**
 * What its author was shown as held must not need the author any more. The database is slow, the one it is for is away, the author sees
 * `held` and is gone for ever, and the server dies at that moment.
 */
export async function held(seed: number): Promise<string[]> {
  const world = await World.open(new Random(seed), 2);
  try {
    const [ann, bob] = world.members as [World['members'][0], World['members'][0]];
    const all = new Set<string>();
    for (let round = 0; round < 3; round++) {
      bob.crash();
      await sleep(300);
      world.databaseProxy.set('both', { jitterMs: 150 });
      const text = world.journals.get('ann')!.next();
      await ann.room.say(text);
      const shown = () => ann.room.timeline.value.items.find((item) => item.type === 'message' && item.text === text);
      await eventually('the author sees her words as held', async () => {
        const item = shown();
        return item?.type === 'message' && item.state?.state === 'held';
      });
      ann.crash();
      await world.server.kill();
      all.add(text);
      world.databaseProxy.heal();
      await world.server.start();
      await bob.start();
      const arrived = () => bob.transcript().some(({ body }) => body.kind === 'text' && body.text === text);
      for (let i = 0; i < 100 && !arrived(); i++) await sleep(50);
      if (!arrived()) return [`held: "${text}" was shown as held, and nobody has it`];
      await ann.start();
      await eventually('both are online', async () => ann.online && bob.online);
    }
    return [];
  } finally {
    await world.close();
  }
}
