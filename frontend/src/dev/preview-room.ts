import { MutableCell } from '../../../libs/client/src/cell.ts';
import type {
  MessageDetails,
  RoomHandle,
  RoomLine,
  RoomView,
  RosterView,
  TimelineItem,
  TimelineView,
} from '../../../libs/client/src/index.ts';
import { ConclaveError } from '../../../libs/protocol/src/errors.ts';
import { history, me, members, message } from './preview-data.ts';
import { PreviewAdministration, PreviewModeration } from './preview-moderation.ts';

const PAGE = 60;

/** A room that answers to itself. */
export class PreviewRoom implements RoomHandle {
  readonly id: string;
  readonly view: MutableCell<RoomView>;
  readonly timeline: MutableCell<TimelineView>;
  readonly roster: MutableCell<RosterView>;
  readonly #all: TimelineItem[];
  #shown = PAGE;
  #next = 1000;
  #draft = '';

  constructor(line: RoomLine, params: URLSearchParams) {
    this.id = line.id;
    const empty = line.members === 1;
    this.#all = empty ? [] : history(Date.now());
    const phase = params.get('phase');
    const other = line.with?.user ?? null;
    const base = {
      id: line.id,
      kind: line.kind,
      name: line.name,
      icon: line.icon,
      topic: line.topic,
      for: null,
      slug: null,
      settings: {
        disappearAfterMs: null,
        newcomersDays: null,
        retentionDays: null,
        welcome: ['Welcome. Be kind; the moderators are real people.'],
        passwordVersion: 1,
      },
      with: other,
      role: 'owner' as const,
      muted: params.has('muted') ? { until: Date.now() + 3_600_000, reason: 'Flooding' } : null,
      knocking: params.has('knocking') ? [{ user: members[4]!.user, name: members[4]!.name }] : [],
      code: '48213 90127 33018 55291 00734 81126',
      unread: line.unread,
    };
    this.view = new MutableCell<RoomView>(
      phase === 'left'
        ? { ...base, phase, reason: 'left' }
        : {
            ...base,
            phase:
              phase === 'loading' || phase === 'joining' || phase === 'waiting-for-member' || phase === 'password-needed' ? phase : 'ready',
          },
    );
    this.timeline = new MutableCell<TimelineView>({
      items: [],
      hasOlder: true,
      hasNewer: false,
      firstUnread: params.has('unread') ? 'm400' : null,
      arrivedAbove: params.has('unread') ? 3 : 0,
    });
    this.roster = new MutableCell<RosterView>(
      empty ? { members: members.slice(0, 1), direct: 0, total: 0 } : { members, direct: 2, total: 4 },
    );
    this.#show();
    const every = Number(params.get('chatter'));
    if (every) setInterval(() => this.#hear('And one more thing while you were reading.'), every);
  }

  async say(text: string): Promise<string> {
    if (text === 'fail') throw new ConclaveError('slow-down', '', 4000);
    const n = this.#next++;
    this.#add(message(n, Date.now(), { id: me.id, name: me.displayName }, text, { state: 'waiting', why: 'sending' }));
    setTimeout(() => this.#settle(n), 900);
    return `mid-${n}`;
  }
  async edit(target: string, text: string): Promise<string> {
    this.#change(target, (item) => ({ ...item, text, edited: true }));
    return target;
  }
  async remove(target: string): Promise<string> {
    this.#change(target, (item) => ({ ...item, text: '', deleted: true }));
    return target;
  }
  async react(target: string): Promise<string> {
    return target;
  }
  async retry(mid: string): Promise<void> {
    this.#change(mid, (item) => ({ ...item, state: { state: 'direct' } }));
  }
  async cancel(mid: string): Promise<void> {
    this.#all.splice(
      this.#all.findIndex((item) => item.type === 'message' && item.mid === mid),
      1,
    );
    this.#show();
  }
  async older(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 200));
    this.#shown += PAGE;
    this.#show();
  }
  async newer(): Promise<void> {}
  async latest(): Promise<void> {}
  async jumpTo(mid: string): Promise<boolean> {
    return this.timeline.value.items.some((item) => item.type === 'message' && item.mid === mid);
  }
  async details(mid: string): Promise<MessageDetails | null> {
    const item = this.#all.find((one) => one.type === 'message' && one.mid === mid);
    if (item?.type !== 'message') return null;
    const states = ['read', 'delivered', 'direct', 'held', 'waiting'] as const;
    const people = members.slice(1).map(({ user, name }, i) => ({ user, name, state: states[i % states.length]! }));
    return {
      writtenAt: item.writtenAt,
      orderedAt: item.orderedAt,
      arrivedAt: item.mine ? null : item.orderedAt + 400,
      device: item.author.device,
      people: item.mine ? people : [],
    };
  }
  async markRead(): Promise<void> {}
  async askForGap(key: string): Promise<void> {
    const at = this.#all.findIndex((item) => item.key === key);
    const item = this.#all[at];
    if (item?.type === 'notice' && item.notice.kind === 'gap') this.#all[at] = { ...item, notice: { ...item.notice, asked: true } };
    this.#show();
  }
  async proposePrivate(): Promise<void> {}
  async acknowledgeKey(user: string): Promise<void> {
    this.roster.update((roster) => ({
      ...roster,
      members: roster.members.map((member) => (member.user === user ? { ...member, keyChanged: false } : member)),
    }));
  }
  async letIn(user: string): Promise<void> {
    this.view.update((view) => ({ ...view, knocking: view.knocking.filter((person) => person.user !== user) }));
  }
  async enterPassword(password: string): Promise<void> {
    if (password === 'wrong') throw new ConclaveError('bad-credentials', '', undefined, 'room-password');
    this.view.update((view) => ({ ...view, phase: 'ready' }));
  }
  readonly typing = new MutableCell<string[]>([]);
  type(): void {
    this.typing.set([members[1]!.user]);
    setTimeout(() => this.typing.set([]), 4_000);
  }
  readonly moderation = new PreviewModeration();
  readonly administration = new PreviewAdministration();
  async disclose() {
    return [];
  }
  async report(): Promise<void> {}
  async draft(): Promise<string> {
    return this.#draft;
  }
  async saveDraft(text: string): Promise<void> {
    this.#draft = text;
  }
  async leave(): Promise<void> {
    this.view.update((view) => ({ ...view, phase: 'left', reason: 'left', unread: 0 }));
  }

  #hear(text: string): void {
    const n = this.#next++;
    this.#add(message(n, Date.now(), { id: members[1]!.user, name: members[1]!.name }, text, null));
  }
  #settle(n: number): void {
    this.#change(`mid-${n}`, (item) => ({ ...item, state: { state: 'delivered', n: 2, m: 5 } }));
  }
  #change(mid: string, change: (item: Extract<TimelineItem, { type: 'message' }>) => TimelineItem): void {
    const at = this.#all.findIndex((item) => item.type === 'message' && item.mid === mid);
    const item = this.#all[at];
    if (item?.type === 'message') this.#all[at] = change(item);
    this.#show();
  }
  #add(item: TimelineItem): void {
    this.#all.push(item);
    this.#shown++;
    this.#show();
  }
  #show(): void {
    const items = this.#all.slice(-this.#shown);
    this.timeline.update((view) => ({ ...view, items, hasOlder: items.length < this.#all.length }));
  }
}
