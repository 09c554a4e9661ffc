import { Administration } from './administration.ts';
import { Absence } from './absence.ts';
import { Agreement } from './agreement.ts';
import { Attendance } from './attendance.ts';
import { Audience } from './audience.ts';
import { Branches } from './branches.ts';
import type { RoomContext } from './context.ts';
import { Course } from './course.ts';
import { Exchange } from './exchange.ts';
import { Gaps } from './gaps.ts';
import { Group } from './group.ts';
import { HouseRules } from './house-rules.ts';
import { Inbox } from './inbox.ts';
import { Outbox } from './outbox.ts';
import { OwnWords } from './own-words.ts';
import { Page } from './page.ts';
import { Placing } from './placing.ts';
import { RoomLedger } from './room-ledger.ts';
import { Speaking } from './speaking.ts';
import type { Steps } from './steps.ts';
import { Typing } from './typing.ts';
import { Unreadable } from './unreadable.ts';

export type Parts = ReturnType<typeof assemble>;

/**
 * Builds the parts of one room and says what each needs of the others. They need each other in a circle: what a part asks for is looked up
 * when it asks.
 */
export function assemble(ctx: RoomContext, steps: Steps) {
  const { me, people } = ctx;
  const ledger = new RoomLedger(ctx);
  const audience = new Audience(ctx);
  const branches = new Branches();
  const group: Group = new Group(ctx, {
    changed: (change) => course.moved(change),
    ready: () => course.ready(),
    online: () => attendance.onlineLeaves(),
    urgent: () => outbox.rows.unsealed.length > 0,
    about: () => ({ ...ledger.about, passwordVersion: ledger.about.settings.passwordVersion }),
    shunned: (user) => rules.shunned(user),
    mayRekey: (user) => attendance.roleOf(user) === 'owner',
    announce: (content) => exchange.farewell(content),
  });
  const roster = () => group.roster;
  const leaves = () => group.roster?.leaves ?? [];

  const rules: HouseRules = new HouseRules(ctx, {
    leaves,
    roleOf: (user) => attendance.roleOf(user),
    certificate: () => ledger.row.certificate ?? null,
    tell: (name, notice, at) => page.notices.tell(name, notice, at),
    // Links, words that wait, and what is shown follow an act of moderation.
    obey: async () => {
      attendance.expectPeers();
      await outbox.flush();
      await page.renamed();
    },
  });
  const attendance: Attendance = new Attendance(ctx, {
    roster,
    waitingFor: (devices) => outbox.rows.waitingFor(devices),
    muted: (user) => rules.muted(user),
    rules: (user) => rules.rules(user),
    shunned: (user) => rules.shunned(user),
  });
  const typing = new Typing(ctx, leaves);
  const administration = new Administration(ctx, (version, psk) => steps.run(() => group.rekey(version, psk)));

  const outbox: Outbox = new Outbox(ctx, {
    roster: () => group.sealing,
    split: () => agreement.split,
    shunning: () => rules.shunning,
    asks: (now) => audience.asks(now),
    acknowledged: () => audience.acknowledge(roster()),
    ttl: () => ledger.about.settings.disappearAfterMs ?? undefined,
    later: () => ledger.newcomersDays !== null,
    wanted: () => group.nudge(),
    placed: (key, row) => placing.placed(key, row),
    changed: () => page.show(),
  });
  const inbox: Inbox = new Inbox(ctx, {
    leaf: (device) => leaves().find((leaf) => leaf.device === device),
    placed: (key, row, historic) => placing.placed(key, row, historic),
    receipt: (device, user, receipt) => outbox.receipt(device, user, receipt),
    ask: (device, ask) => exchange.repair.answer(device, ask),
    want: (device, want) => exchange.history.answer(device, want),
    history: (device, told) => exchange.history.take(device, told),
    apart: (devices) => absence.told(devices),
    password: (user, version, psk) => group.passwordTold(user, version, psk),
    author: (device) => exchange.moved(device),
    behind: () => group.nudge(),
    unreadable: (commitment) => unreadable.lost(commitment),
    entered: (commitment) => unreadable.came(commitment),
    equivocated: (user) => page.notices.tell(`equivocation.${user}`, { kind: 'equivocation', user, name: people.name(user) }),
  });

  const own = new OwnWords(ctx, outbox, branches, roster);
  const page = new Page(ctx, ledger, {
    state: (row) => own.stateOf(row),
    waiting: () => own.waiting(),
    hidden: (row) => (row.private ? null : rules.hidden(row)),
    privateWith: (id) => branches.names(id),
    standing: () => ({
      phase: group.phase,
      role: attendance.roleOf(me.user),
      muted: rules.muted(me.user),
      knocking: group.knocking,
      authenticator: group.roster?.authenticator ?? null,
    }),
    members: () => attendance.view(),
  });
  const unreadable = new Unreadable(ctx, page.notices);
  const gaps: Gaps = new Gaps(ctx, page.notices, branches, (device) => exchange.repair.ask(device));
  const exchange = new Exchange(ctx, ledger, inbox, {
    roster,
    online: () => attendance.onlineLeaves(),
    stranger: () => group.roster !== null && audience.asks(group.roster),
    gap: (device, row, from, to) => gaps.show(device, row, from, to),
    mended: (device) => gaps.mended(device),
    shown: (user) => page.notices.tell(`shown.${user}`, { kind: 'history-shown', user, name: people.name(user) }),
  });
  const agreement = new Agreement(ctx, {
    roster,
    authors: inbox.authors,
    said: () => outbox.left,
    lacking: (author, from, to, peer) => exchange.repair.fetch(author, from, to, peer),
    split: () => page.notices.tell('split', { kind: 'split' }),
  });

  const absence = new Absence(ctx, exchange, page.notices, leaves);
  const placing = new Placing(ctx, { agreement, exchange, rules, typing, page, ledger });
  const course = new Course(ctx, { group, audience, rules, attendance, outbox, inbox, exchange, agreement, ledger, page });
  const speaking = new Speaking(ctx, steps, outbox, branches, rules);
  return {
    ...{ ledger, audience, branches, group, rules, attendance, typing, administration, outbox, inbox },
    ...{ page, unreadable, gaps, exchange, agreement, absence, placing, course, speaking },
  };
}
