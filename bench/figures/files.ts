import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { browserArguments } from '../../e2e/browser-arguments.ts';
import { Person } from '../../e2e/person.ts';
import { TestServer } from '../../e2e/server.ts';
import { needChromium } from '../../tools/chromium.ts';
import { pin, unpin } from '../cpu.ts';
import { memoryOf } from '../memory.ts';
import type { Options } from '../options.ts';
import type { Report } from '../report.ts';
import { LOAD_CORE } from '../yardstick.ts';

const ROOM = 'Lobby';
const MIB = 1024 * 1024;
const PATIENCE_MS = 15 * 60_000;
const MOST = 256;
declare global {
  var fileConnection: RTCPeerConnection;
  var fileChannel: RTCDataChannel;
}

/** A browser of its own with a profile on the disk, as people have: what a private window keeps is in memory. */
async function browserOf(name: string, folder: string): Promise<{ context: BrowserContext; browser: Browser; mark: string }> {
  const profile = join(folder, `profile-of-${name}`);
  const args = [...browserArguments, '--allow-loopback-in-peer-connection'];
  const context = await chromium.launchPersistentContext(profile, { executablePath: needChromium(), args });
  const browser = { newContext: async () => context } as unknown as Browser;
  return { context, browser, mark: profile };
}

/** Runs in the page: a bare connection, offering or answering, with all candidates in its description. */
async function connect(offer: RTCSessionDescriptionInit | null): Promise<RTCSessionDescriptionInit> {
  const connection = new RTCPeerConnection();
  globalThis.fileConnection = connection;
  globalThis.fileChannel = connection.createDataChannel('files', { negotiated: true, id: 0 });
  globalThis.fileChannel.binaryType = 'arraybuffer';
  if (offer) await connection.setRemoteDescription(offer);
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 20));
  return connection.localDescription!.toJSON();
}

/** Runs in the page that receives: resolves when so many bytes have come, and are forgotten. */
async function receive(size: number): Promise<void> {
  const channel = globalThis.fileChannel;
  let come = 0;
  await new Promise<void>((resolve) => {
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      come += data.byteLength;
      if (come >= size) resolve();
    };
  });
}

/** Runs in the page that sends: so many bytes in messages and with water marks as ours. */
async function pour(size: number): Promise<void> {
  const channel = globalThis.fileChannel;
  while (channel.readyState !== 'open') await new Promise((resolve) => setTimeout(resolve, 20));
  channel.bufferedAmountLowThreshold = 256 * 1024;
  const piece = new Uint8Array(16 * 1024);
  for (let sent = 0; sent < size; sent += piece.length) {
    if (channel.bufferedAmount > 1024 * 1024)
      await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }));
    channel.send(piece);
  }
}

/** The same two pages without us: MiB/s of the data channel alone. */
async function bare(from: Page, to: Page, mib: number): Promise<number> {
  const offer = await from.evaluate(connect, null);
  const reply = await to.evaluate(connect, offer);
  await from.evaluate((description) => globalThis.fileConnection.setRemoteDescription(description), reply);
  const begun = performance.now();
  await Promise.all([to.evaluate(receive, mib * MIB), from.evaluate(pour, mib * MIB)]);
  const rate = mib / ((performance.now() - begun) / 1000);
  for (const page of [from, to]) await page.evaluate(() => globalThis.fileConnection.close());
  return rate;
}

async function made(path: string, mib: number): Promise<void> {
  const file = await open(path, 'w');
  for (let n = 0; n < mib; n++) await file.write(randomBytes(MIB));
  await file.close();
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Attached and said; resolves with MiB/s of scaling, sealing and storing. */
async function send(person: Person, path: string, mib: number): Promise<number> {
  const begun = performance.now();
  await person.by('file-input').setInputFiles(path);
  await person.page.locator('[data-testid=file-chip][data-state=ready]').waitFor({ timeout: PATIENCE_MS });
  const rate = mib / ((performance.now() - begun) / 1000);
  await person.by('send').click();
  return rate;
}

const fileOf = (person: Person, path: string) => person.page.locator(`[data-testid=file][data-name="${path.split('/').at(-1)}"]`);
const here = (person: Person, path: string) =>
  person.page.locator(`[data-testid=file][data-name="${path.split('/').at(-1)}"][data-state=here]`).waitFor({ timeout: PATIENCE_MS });

/** From the click to all of it here and checked, and how much more memory either browser had at most, MiB. */
async function fetched(bob: Person, path: string, mib: number, marks: string[]): Promise<{ rate: number; grown: number }> {
  const base = marks.map(memoryOf);
  let grown = 0;
  const watch = setInterval(() => (grown = Math.max(grown, ...marks.map((mark, i) => memoryOf(mark) - base[i]!))), 1_000);
  const begun = performance.now();
  await fileOf(bob, path).getByTestId('fetch-file').click();
  await here(bob, path);
  const rate = mib / ((performance.now() - begun) / 1000);
  clearInterval(watch);
  return { rate, grown: grown / MIB };
}

/** Cut by a reload when 60 % are there; true when the rest came, and it is the same file. */
async function cut(bob: Person, path: string): Promise<{ kept: number; whole: boolean }> {
  await fileOf(bob, path).getByTestId('fetch-file').click();
  await bob.page.waitForFunction(
    (name) => {
      const words = document.querySelector(`[data-testid=file][data-name="${name}"] [data-testid=file-words]`)?.textContent ?? '';
      return Number(/^(\d+)/.exec(words)?.[1] ?? 0) >= 60;
    },
    path.split('/').at(-1)!,
    { timeout: PATIENCE_MS, polling: 100 },
  );
  await bob.page.reload();
  const words = fileOf(bob, path)
    .getByTestId('file-words')
    .filter({ hasText: /^\d+ %/ });
  await words.waitFor({ timeout: PATIENCE_MS });
  const kept = Number(/^(\d+)/.exec((await words.textContent()) ?? '')?.[1] ?? 0);
  await here(bob, path);
  const download = bob.page.waitForEvent('download', { timeout: PATIENCE_MS });
  await fileOf(bob, path).getByTestId('save-file').click();
  return { kept, whole: (await hashOf(await (await download).path())) === (await hashOf(path)) };
}

/** P13, between two Chromiums: a file over the mesh beside the bare data channel, its memory, and a cut in the middle. */
export async function files({ quick }: Options, report: Report): Promise<void> {
  const mib = quick ? 128 : 1024;
  unpin(process.pid); // two browsers are what is measured here, not a server
  const folder = await mkdtemp(join(tmpdir(), 'conclave-bench-files-'));
  const server = await TestServer.start({ FILE_MAX_BYTES: '0' });
  const [anns, bobs] = [await browserOf('ann', folder), await browserOf('bob', folder)];
  try {
    const [ann, bob] = [new Person(anns.browser, server, 'ann'), new Person(bobs.browser, server, 'bob')];
    await ann.setUp(ROOM);
    await ann.enter(ROOM);
    await bob.register(await ann.page.evaluate(async () => (await globalThis.conclaveStories!.client.account.invite({ uses: 1 })).secret));
    await bob.join(ROOM);
    await ann.allDirect(2);
    const [first, second] = [join(folder, 'first.bin'), join(folder, 'second.bin')];
    await made(first, mib);
    await made(second, mib);
    const sample = Math.min(mib, 256);
    const before = await bare(ann.page, bob.page, sample);
    const sealing = await send(ann, first, mib);
    const { rate, grown } = await fetched(bob, first, mib, [anns.mark, bobs.mark]);
    const channel = (before + (await bare(ann.page, bob.page, sample))) / 2;
    report.add({
      figure: 'P13',
      what: `a file of ${mib} MiB between two browsers, from the click to checked`,
      goal: '≥ 0.8 × the bare data channel',
      measured: `${(rate / channel).toFixed(2)} × (${rate.toFixed(1)} and ${channel.toFixed(1)} MiB/s; sealed before at ${sealing.toFixed(1)} MiB/s)`,
      met: rate >= 0.8 * channel,
    });
    report.add({
      figure: 'P13',
      what: 'memory of the browser that has grown most meanwhile',
      goal: `≤ base + ${MOST} MiB`,
      measured: `base + ${Math.round(grown)} MiB`,
      met: grown <= MOST,
    });
    await send(ann, second, mib);
    const { kept, whole } = await cut(bob, second);
    report.add({
      figure: 'P13',
      what: 'cut by a reload at 60 %, gone on with, saved and compared',
      goal: 'goes on, and is the same file',
      measured: `went on at ${kept} %, ${whole ? 'the same file' : 'ANOTHER FILE'}`,
      met: whole && kept >= 50,
    });
  } finally {
    await anns.context.close();
    await bobs.context.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    pin(process.pid, LOAD_CORE);
  }
}
