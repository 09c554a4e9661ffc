import { chromium, type Page } from '@playwright/test';
import { needChromium } from '../../tools/chromium.ts';
import { browserArguments } from '../../e2e/browser-arguments.ts';
import { Person } from '../../e2e/person.ts';
import { TestServer } from '../../e2e/server.ts';
import { median } from '../crowd.ts';
import type { Options } from '../options.ts';
import type { Report } from '../report.ts';

const ROOM = 'Lobby';
declare global {
  var benchConnection: RTCPeerConnection;
  var benchChannel: RTCDataChannel;
}

/** Runs in the page that answers: every "ping n" of the other's with "pong n". */
function answer(name: string): void {
  const { client } = globalThis.conclaveStories!;
  const room = client.room(client.rooms.value.find((line) => line.name === name)!.id);
  const answered = new Set<string>();
  room.timeline.subscribe(({ items }) => {
    const last = items.at(-1);
    if (last?.type !== 'message' || last.mine || answered.has(last.text)) return;
    answered.add(last.text);
    void room.say(last.text.replace('ping', 'pong'));
  });
}

/** Runs in the page that asks: from `say` until the timeline, which the screen draws from, holds the answer; ms. */
async function ask([name, count]: [string, number]): Promise<number[]> {
  const { client } = globalThis.conclaveStories!;
  const room = client.room(client.rooms.value.find((line) => line.name === name)!.id);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    const heard = new Promise<void>((resolve) => {
      const stop = room.timeline.subscribe(({ items }) => {
        if (!items.some((item) => item.type === 'message' && item.text === `pong ${i}`)) return;
        resolve();
        queueMicrotask(() => stop());
      });
    });
    await room.say(`ping ${i}`);
    await heard;
    times.push(performance.now() - begun);
  }
  return times;
}

/** Makes a bare connection, offering or answering, and gives its description with all candidates. */
async function connect(offer: RTCSessionDescriptionInit | null): Promise<RTCSessionDescriptionInit> {
  const connection = new RTCPeerConnection();
  globalThis.benchConnection = connection;
  globalThis.benchChannel = connection.createDataChannel('bench', { negotiated: true, id: 0 });
  if (offer) await connection.setRemoteDescription(offer);
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 20));
  return connection.localDescription!.toJSON();
}

async function bounce(count: number): Promise<number[]> {
  const channel = globalThis.benchChannel;
  while (channel.readyState !== 'open') await new Promise((resolve) => setTimeout(resolve, 20));
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    const back = new Promise((resolve) => channel.addEventListener('message', resolve, { once: true }));
    channel.send(new Uint8Array(1_200));
    await back;
    times.push(performance.now() - begun);
  }
  return times;
}

/** The same two pages without us: half a round trip of a message as large as ours, ms. */
async function bare(one: Page, two: Page, count: number): Promise<number> {
  const offer = await one.evaluate(connect, null);
  const reply = await two.evaluate(connect, offer);
  await two.evaluate(() => {
    globalThis.benchChannel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => globalThis.benchChannel.send(data);
  });
  await one.evaluate((description) => globalThis.benchConnection.setRemoteDescription(description), reply);
  const times = await one.evaluate(bounce, count);
  return median(times) / 2;
}

/** P12, in Chromium: from saying to the other's screen, over the mesh. */
export async function screen(sealAndOpenMs: number, { quick }: Options, report: Report): Promise<void> {
  const count = quick ? 20 : 200;
  const server = await TestServer.start();
  const args = [...browserArguments, '--allow-loopback-in-peer-connection'];
  const browser = await chromium.launch({ executablePath: needChromium(), args });
  try {
    const [ann, bob] = [new Person(browser, server, 'ann'), new Person(browser, server, 'bob')];
    await ann.setUp(ROOM);
    await ann.enter(ROOM);
    await bob.register(await ann.page.evaluate(async () => (await globalThis.conclaveStories!.client.account.invite({ uses: 1 })).secret));
    await bob.join(ROOM);
    await ann.allDirect(2);
    const channel = await bare(ann.page, bob.page, count * 5);
    await bob.page.evaluate(answer, ROOM);
    const said = median(await ann.page.evaluate(ask, [ROOM, count] as [string, number])) / 2;
    const floor = channel + sealAndOpenMs;
    report.add({
      figure: 'P12',
      what: 'room.say to the other’s timeline over the mesh, p50, in Chromium',
      goal: '≤ 2 × (bare data channel + seal + open)',
      measured: `${(said / floor).toFixed(2)} × (${said.toFixed(1)} ms; ${channel.toFixed(2)} + ${sealAndOpenMs.toFixed(2)} ms)`,
      met: said <= 2 * floor,
    });
  } finally {
    await browser.close();
    await server.stop();
  }
}
