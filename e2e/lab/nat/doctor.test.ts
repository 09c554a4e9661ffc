import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckName } from '../../../libs/client/src/doctor/checks.ts';
import type { Person } from '../../person.ts';
import { NatLab } from './nat-lab.ts';
import { NatWorld } from './nat-world.ts';
import { Turn } from './turn.ts';

const MINUTE = 60_000;

describe('the connection doctor behind a real NAT, with real STUN and TURN (MESH8)', () => {
  let lab: NatLab;
  let turn: Turn;
  let world: NatWorld;

  beforeAll(async () => {
    lab = await NatLab.up('symmetric');
    turn = await Turn.start(lab);
    world = await NatWorld.begin(lab, turn, { stun: true, turn: ['udp', 'tcp'] }, ['ann']);
  }, 3 * MINUTE);
  afterAll(async () => {
    await world?.end();
    await turn?.stop();
    await lab?.down();
  });

  async function examined() {
    const [ann] = world.people as [Person];
    const { checks, verdict } = await ann.page.evaluate(() => globalThis.conclaveStories!.client.examineConnection(() => undefined));
    const of = (name: CheckName) => checks.find((check) => check.name === name)!;
    return { states: Object.fromEntries(checks.map(({ name, state }) => [name, state])), of, verdict };
  }

  it('finds all well where nothing is barred, and how one looks from outside', { timeout: 2 * MINUTE }, async () => {
    const { states, of, verdict } = await examined();
    const ok = { server: 'ok', socket: 'ok', webrtc: 'ok', stun: 'ok', 'turn-udp': 'ok', 'turn-tcp': 'ok', 'turn-loop': 'ok', udp: 'ok' };
    expect(states).toEqual({ ...ok, 'turn-tls': 'none' });
    expect(of('stun').addresses.join()).toMatch(/11\.0\.0\.\d+:\d+/);
    expect(verdict).toContain('All is well');
  });

  it('says that the network bars UDP where a firewall does, and that TURN over TCP carries', { timeout: 2 * MINUTE }, async () => {
    lab.firewall(0, 'no-udp');
    const { states, of, verdict } = await examined();
    expect(states).toMatchObject({
      socket: 'ok',
      stun: 'failed',
      'turn-udp': 'failed',
      'turn-tcp': 'ok',
      'turn-loop': 'ok',
      udp: 'failed',
    });
    for (const name of ['stun', 'turn-udp', 'udp'] as const) expect(of(name).mend?.who, name).toBe('network');
    expect(verdict).toContain('over TURN');
  });

  it('names the TURN server’s port to the network as well where nothing but the web passes', { timeout: 2 * MINUTE }, async () => {
    lab.firewall(0, 'web-only');
    const { states, of, verdict } = await examined();
    expect(states).toMatchObject({
      server: 'ok',
      socket: 'ok',
      stun: 'failed',
      'turn-udp': 'failed',
      'turn-tcp': 'failed',
      'turn-loop': 'none',
    });
    expect(of('turn-tcp').mend?.words).toContain('TCP');
    expect(verdict).toContain('the relay carries');
  });
});
