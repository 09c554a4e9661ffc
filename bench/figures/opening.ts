import { chromium, type Page } from '@playwright/test';
import { browserArguments } from '../../e2e/browser-arguments.ts';
import { Person } from '../../e2e/person.ts';
import { TestServer } from '../../e2e/server.ts';
import { needChromium } from '../../tools/chromium.ts';
import { median } from '../crowd.ts';
import type { Options } from '../options.ts';
import type { Report } from '../report.ts';
import { seeded, sentence } from './words.ts';

const ROOM = 'Lobby';
const BATCH = 1_000;
declare global {
  /** When the first message was on the screen, ms since the page was asked for. */
  var benchShown: number | undefined;
}

/** Runs in the page: stores messages as if they had come long ago. */
async function store([texts, first]: [string[], number]): Promise<void> {
  const { client, write } = globalThis.conclaveStories!;
  const { id: room } = client.rooms.value[0]!;
  const user = crypto.randomUUID();
  const device = '00000000-0000-4000-8000-00000000beef';
  const rows = texts.map((text, i) => {
    const [ms, aseq] = [1_700_000_000_000 + (first + i) * 60_000, first + i + 1];
    const mid = `bench-${String(aseq).padStart(37, '0')}`;
    const key = `${room}/${String(ms).padStart(15, '0')}.00000.${device}.${String(aseq).padStart(10, '0')}`;
    const said = { order: { ms, counter: 0 }, at: ms, arrived: ms, body: { kind: 'text', text } };
    const sealed = { statement: new Uint8Array(400), signature: new Uint8Array(64), generation: 0, epoch: 0, ahead: false, to: null };
    return { mid, key, row: { mid, user, device, aseq, ...said, ...sealed } };
  });
  await write(
    rows.flatMap(({ mid, key, row }) => [
      { table: 'messages' as const, key, value: row },
      { table: 'mids' as const, key: `${room}/${mid}`, value: { table: 'messages', key } },
    ]),
  );
}

/** Runs in every page before anything of it: notes when the first message is drawn. */
function watch(): void {
  const look = () => {
    if (document.querySelector('[data-testid=message]')) globalThis.benchShown = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Runs in the page: loads so many rows, then flings up over all of them; gives the frames in which nothing of the timeline was drawn. */
async function fling([wanted, pixels]: [number, number]): Promise<{ rows: number; frames: number; empty: number }> {
  const { client } = globalThis.conclaveStories!;
  const room = client.room(client.rooms.value[0]!.id);
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  while (room.timeline.value.items.length < wanted && room.timeline.value.hasOlder) {
    const before = room.timeline.value.items.length;
    await room.older();
    for (let i = 0; i < 100 && room.timeline.value.items.length === before; i++) await frame();
  }
  await frame();
  const list = document.querySelector('[data-testid=message]')!.closest<HTMLElement>('cv-message-list')!;
  const scroller = [...list.querySelectorAll<HTMLElement>('*')].find((element) => element.scrollHeight > element.clientHeight + 50)!;
  scroller.scrollTop = scroller.scrollHeight;
  for (let i = 0; i < 30; i++) await frame();
  const drawn = () => {
    const { top, bottom } = scroller.getBoundingClientRect();
    return [...list.querySelectorAll('[data-index], [data-testid=message]')].some((row) => {
      const at = row.getBoundingClientRect();
      return at.bottom > top && at.top < bottom && at.height > 0;
    });
  };
  let [frames, empty] = [0, 0];
  while (scroller.scrollTop > 100 && frames < 4_000) {
    scroller.scrollTop -= pixels;
    await frame();
    frames++;
    if (!drawn()) empty++;
  }
  return { rows: room.timeline.value.items.length, frames, empty };
}

async function shownAfterReload(page: Page): Promise<number> {
  await page.reload();
  await page.waitForFunction(() => globalThis.benchShown !== undefined);
  return page.evaluate(() => globalThis.benchShown!);
}

/** P14: the app over 100,000 stored messages: its last room on the screen, and a fling through 10,000 rows. */
export async function opening({ quick }: Options, report: Report): Promise<void> {
  const [count, rows] = quick ? [2_000, 500] : [100_000, 10_000];
  const server = await TestServer.start();
  const browser = await chromium.launch({ executablePath: needChromium(), args: [...browserArguments] });
  try {
    const ann = new Person(browser, server, 'ann', async (context) => void (await context.addInitScript(watch)));
    await ann.setUp(ROOM);
    await ann.enter(ROOM);
    const random = seeded(15);
    for (let at = 0; at < count; at += BATCH)
      await ann.page.evaluate(store, [Array.from({ length: BATCH }, () => sentence(random)), at] as [string[], number]);
    await shownAfterReload(ann.page); // the first one fills the caches of the browser
    const times: number[] = [];
    for (let i = 0; i < (quick ? 2 : 9); i++) times.push(await shownAfterReload(ann.page));
    const shown = median(times);
    const measured = `${Math.round(shown)} ms (${times.map(Math.round).sort((a, b) => a - b).join(', ')})`; // prettier-ignore
    report.add({
      figure: 'P14',
      what: `reload to the last room’s messages, ${count} stored, p50`,
      goal: '< 1 s',
      measured,
      met: shown < 1_000,
    });
    const flung = await ann.page.evaluate(fling, [rows, 350] as [number, number]);
    report.add({
      figure: 'P14',
      what: `fling over ${flung.rows} rows: frames with an empty viewport`,
      goal: 'none',
      measured: `${flung.empty} of ${flung.frames}`,
      met: flung.empty === 0,
    });
  } finally {
    await browser.close();
    await server.stop();
  }
}
