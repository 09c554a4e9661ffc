import type { MemberView, MessageState, Notice, RoomLine, TimelineItem } from '../../../libs/client/src/index.ts';

/* Plausible people and talk for the preview build. */
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const me = { id: uuid(1), username: 'ann', displayName: 'Ann Okafor', accountKey: null, avatar: null, role: 'admin' as const };

const people = [
  { id: uuid(2), username: 'bo', name: 'Bo Lindqvist' },
  { id: uuid(3), username: 'chen.wei', name: '陈伟' },
  { id: uuid(4), username: 'dalia', name: 'Dalia Haddad' },
  { id: uuid(5), username: 'emre', name: 'Emre Yıldız' },
  { id: uuid(6), username: 'fay', name: 'Fay' },
];

const member = (person: (typeof people)[number], reach: MemberView['reach'], more: Partial<MemberView> = {}): MemberView => ({
  user: person.id,
  name: person.name,
  username: person.username,
  self: false,
  reach,
  waiting: 0,
  devices: [{ device: person.id, reach }],
  joining: false,
  keyChanged: false,
  avatar: null,
  verified: false,
  role: 'member',
  muted: null,
  rules: null,
  blocked: false,
  status: reach === 'away' ? 'offline' : 'online',
  statusText: '',
  ...more,
});

export const members: MemberView[] = [
  { ...member({ id: me.id, username: me.username, name: me.displayName }, 'self'), self: true, role: 'owner' },
  member(people[0]!, 'direct', { verified: true, role: 'moderator', status: 'busy', statusText: 'Baking until noon' }),
  member(people[1]!, 'turn', { status: 'away' }),
  member(people[2]!, 'relay', { keyChanged: true, status: 'dnd' }),
  member(people[3]!, 'connecting', { muted: { until: null, reason: 'Flooding' } }),
  member(people[4]!, 'away', { waiting: 3 }),
];

const plain = { kind: 'open', icon: null, with: null, mentions: 0, level: 'everything' } as const;
export const rooms: RoomLine[] = [
  {
    ...plain,
    id: uuid(101),
    name: 'Lobby',
    topic: 'Everybody is here; say hello',
    unread: 3,
    last: { author: 'Bo', text: 'The relay numbers are in the sheet', at: Date.now() - 4 * 60_000 },
    online: 5,
    members: 6,
    draft: '',
  },
  {
    ...plain,
    kind: 'password',
    id: uuid(102),
    name: 'Release 0.1',
    topic: 'What is left before Friday',
    unread: 0,
    last: { author: '陈伟', text: '**双重检查**过了，可以发布。', at: Date.now() - 3 * 3_600_000 },
    online: 3,
    members: 4,
    draft: '',
  },
  {
    ...plain,
    icon: '🍜',
    id: uuid(103),
    name: 'Kitchen',
    topic: 'Lunch, mostly',
    unread: 128,
    last: { author: 'Fay', text: 'Somebody left a very good cake on the second floor', at: Date.now() - 26 * 3_600_000 },
    online: 0,
    members: 12,
    draft: '',
  },
  {
    ...plain,
    id: uuid(105),
    kind: 'direct',
    name: 'Bo Lindqvist',
    with: { user: uuid(2), avatar: null, status: 'busy', statusText: 'Baking until noon' },
    topic: '',
    unread: 0,
    last: { author: 'Bo Lindqvist', text: 'See you at three', at: Date.now() - 2 * 3_600_000 },
    online: 2,
    members: 2,
    draft: '',
  },
  { ...plain, id: uuid(104), name: 'Fresh start', topic: '', unread: 0, last: null, online: 1, members: 1, draft: '' },
];

const talk = [
  'Morning! Did the overnight run finish?',
  'It did. Direct for everybody but the hotel network, and that one went **through TURN** without a pause.',
  'Nice. I will write it up: [the draft](https://example.org/draft) has the numbers.',
  '```\nrelay  p50 41 ms   p99 180 ms\ndirect p50 12 ms   p99  38 ms\n```',
  '**重要：**请大家今天下班前更新。',
  'I can take the two open points:\n\n- the *countdown* in the banner\n- the words for “held back”',
  'One question: what happens if I close the laptop in the middle of a message? I had a very long one last week and was not sure whether it would still be there after the train ride, through two tunnels and one reboot.',
  'It stays in the outbox and goes out later.',
  'مرحبا، وصلت الرسالة',
  '👍',
];

const states: MessageState[] = [
  { state: 'read', n: 3, m: 5 },
  { state: 'delivered', n: 4, m: 5 },
  { state: 'direct' },
  { state: 'held' },
  { state: 'waiting', why: 'audience-grew' },
  { state: 'failed', reason: 'the server refused it because you are sending too quickly. Wait a moment and try again.' },
  { state: 'waiting', why: 'offline' },
];

export function message(
  n: number,
  at: number,
  author: { id: string; name: string },
  text: string,
  state: MessageState | null,
): TimelineItem {
  const mine = author.id === me.id;
  return {
    type: 'message',
    key: `m${n}`,
    mid: `mid-${n}`,
    author: { user: author.id, device: author.id, name: author.name },
    mine,
    writtenAt: at,
    orderedAt: at,
    text,
    edited: n % 37 === 5,
    deleted: n % 83 === 7,
    replyTo: n % 29 === 11 ? `mid-${n - 2}` : null,
    quote: n % 29 === 11 ? { author: 'Dalia Haddad', text: 'The relay numbers are in the sheet' } : null,
    files: [],
    mentions: [],
    mentioned: text.includes('@'),
    reactions: n % 23 === 4 ? [{ emoji: '🎉', users: [me.id, uuid(2)], mine: true }] : [],
    clockAhead: false,
    imported: false,
    private: null,
    hidden: n % 31 === 9 && !mine ? 'flood' : null,
    vanishesAt: null,
    state: mine ? (state ?? { state: 'read', n: 5, m: 5 }) : null,
  };
}

const notice = (key: string, orderedAt: number, it: Notice): TimelineItem => ({ type: 'notice', key, orderedAt, notice: it });

/** 300 messages over three days, newest last; every notice and every state among the last ones. */
export function history(now: number): TimelineItem[] {
  const everybody = [{ id: me.id, name: me.displayName }, ...people];
  const items: TimelineItem[] = [notice('beginning', now - 3 * 86_400_000 - 1, { kind: 'beginning' })];
  for (let n = 0; n < 300; n++) {
    const at = now - 3 * 86_400_000 * (1 - n / 300) - 20 * 60_000;
    items.push(message(n, at, everybody[Math.floor(n / 3 + (n % 7)) % everybody.length]!, talk[n % talk.length]!, null));
  }
  const [bo, , dalia] = people;
  const late = now - 18 * 60_000;
  items.push(notice('n1', late, { kind: 'joined', user: bo!.id, name: bo!.name }));
  items.push(notice('n2', late, { kind: 'device-added', user: bo!.id, name: bo!.name }));
  items.push(notice('n3', late, { kind: 'key-changed', user: dalia!.id, name: dalia!.name }));
  items.push(notice('n4', late, { kind: 'gap', user: bo!.id, name: bo!.name, count: 2, asked: false }));
  items.push(
    notice('n6', late, {
      kind: 'act',
      act: 'mute',
      user: people[3]!.id,
      name: people[3]!.name,
      by: 'Bo Lindqvist',
      until: null,
      reason: 'Flooding',
    }),
  );
  items.push(notice('n5', late, { kind: 'undecryptable', count: 1 }));
  items.push(message(400, now - 12 * 60_000, bo!, 'Back from the tunnel. Does this reach you?', null));
  items.push(message(401, now - 12 * 60_000 + 4000, bo!, 'The relay numbers are in the sheet', null));
  states.forEach((state, i) =>
    items.push(
      message(
        410 + i,
        now - 11 * 60_000 + i * 20_000,
        { id: me.id, name: me.displayName },
        `Here is part ${i + 1} of what I promised.`,
        state,
      ),
    ),
  );
  return items;
}
