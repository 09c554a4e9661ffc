import type { Patch } from './tree.ts';

/** A bug that is planted in a copy of the tree in every run; a run that does not find it is worth nothing. */
export type Control = {
  name: string;
  patches: Patch[];
  /** What must find it: a probe, or the audit after these faults. */
  by: { probe: string } | { faults: string[] };
  /** How what it finds begins. */
  finds: RegExp;
};

const connection = 'backend/src/presence/connection.ts';
const inbox = 'libs/client/src/room/inbox.ts';

export const controls: readonly Control[] = [
  {
    name: 'acknowledge before commit',
    patches: [
      {
        file: 'backend/src/relay/hold.service.ts',
        find: 'tell(await this.database.transaction((inside) => this.#store(inside, batch)), (accepted) => this.#held(accepted));',
        replace: `tell(batch.map((accepted) => ({ accepted, pos: 0 })));
        await this.database.transaction((inside) => this.#store(inside, batch));`,
      },
    ],
    by: { probe: 'held' },
    finds: /^held:/,
  },
  {
    name: 'no dedupe by mid or eid',
    patches: [
      {
        file: inbox,
        find: "if ((await store.get('envelopes', keys.envelope(room, eid))) !== undefined) return arrival.acknowledge(eid);",
        replace: '',
      },
      {
        file: inbox,
        find: "if ((await ctx.store.get('mids', keys.mid(ctx.room, mid))) !== undefined) return done.length ? ctx.store.write(done) : undefined;",
        replace: '',
      },
      {
        file: inbox,
        find: '{ ...place, value: row },',
        replace: '{ ...place, key: `${place.key}.${crypto.randomUUID()}`, value: row },',
      },
    ],
    by: { probe: 'model' },
    finds: /^doubled:/,
  },
  {
    name: 'parallel handlers',
    patches: [
      {
        file: 'libs/client/src/room/listen.ts',
        find: 'mine((arrival) => inbox.receive(arrival)),',
        replace: '(arrival) => void (arrival.room === room && inbox.receive(arrival)),',
      },
      {
        file: 'libs/client/src/sealing/mls-sealer.ts',
        find: 'serial: new Serial()',
        replace: 'serial: { run: (task: () => Promise<never>) => task(), idle: async () => undefined } as never',
      },
    ],
    by: {
      faults: Array.from({ length: 3 }, () => ['silent network', 'client crashes at a write', 'server paused (SIGSTOP, SIGCONT)']).flat(),
    },
    finds: /./,
  },
  {
    name: 'volatile outbox',
    patches: [
      {
        file: 'libs/client/src/room/outbox-rows.ts',
        find: '    await this.write([row]);\n    this.#rows.push(row);',
        replace: '    this.#rows.push(row);',
      },
    ],
    by: { probe: 'model' },
    finds: /^lost:/,
  },
  {
    name: 'no depth check on JSON frames',
    patches: [
      { file: 'backend/src/gateway/bounded-json.ts', find: 'if (open.length > limits.jsonDepth)', replace: 'if (open.length > 1e9)' },
    ],
    by: { probe: 'doors' },
    finds: /^depth:/,
  },
  {
    name: 'no outbound cap',
    patches: [
      { file: connection, find: 'if (waiting > HOPELESS) return this.socket.terminate();', replace: '' },
      { file: connection, find: 'if (waiting > LAGGING) return this.#lag();', replace: '' },
    ],
    by: { probe: 'outboundCap' },
    finds: /^outbound:/,
  },
  {
    name: 'Origin check off',
    patches: [
      {
        file: 'backend/src/gateway/door-policy.ts',
        find: 'if (origin === undefined) return true;',
        replace: 'if (origin !== null) return true;',
      },
    ],
    by: { probe: 'doors' },
    finds: /^origin:/,
  },
  {
    name: 'a ticket is good twice',
    patches: [
      {
        file: 'backend/src/auth/tickets.service.ts',
        find: 'with taken as (delete from ticket where hash = $1 and expires_at > $2 returning session),',
        replace: 'with taken as (select session from ticket where hash = $1 and expires_at > $2),',
      },
    ],
    by: { probe: 'doors' },
    finds: /^ticket:/,
  },
  {
    name: 'ghost accepted',
    patches: [
      {
        file: 'libs/protocol/src/certificate.ts',
        find: 'return verifyEd25519(accountKey, signature, certificateStatement(user, accountKey, deviceKey));',
        replace: 'return (await verifyEd25519(accountKey, signature, certificateStatement(user, accountKey, deviceKey))) || true;',
      },
    ],
    by: { probe: 'ghost' },
    finds: /^ghost:/,
  },
];
