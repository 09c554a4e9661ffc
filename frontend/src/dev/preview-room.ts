import { MutableCell } from '../../../libs/client/src/cell.ts';
import type { RoomHandle, RoomLine, RoomView, RosterView, TimelineItem, TimelineView } from '../../../libs/client/src/views.ts';
import { ConclaveError } from '../../../libs/protocol/src/errors.ts';
import { history, me, members, message } from './preview-data.ts';

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
    const base = { id: line.id, name: line.name, topic: line.topic, unread: line.unread };
    this.view = new MutableCell<RoomView>(
      phase === 'left'
        ? { ...base, phase, reason: 'left' }
        : { ...base, phase: phase === 'loading' || phase === 'joining' || phase === 'waiting-for-member' ? phase : 'ready' },
    );
    this.timeline = new MutableCell<TimelineView>({
      items: [],
      hasOlder: true,
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
  async draft(): Promise<string> {
    return this.#draft;
  }
  async saveDraft(text: string): Promise<void> {
    this.#draft = text;
  }
  async leave(): Promise<void> {
    const { id, name, topic } = this.view.value;
    this.view.set({ phase: 'left', reason: 'left', id, name, topic, unread: 0 });
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
