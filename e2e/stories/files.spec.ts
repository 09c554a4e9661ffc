import { expect, type Locator, type Page } from '@playwright/test';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

const MIB = 1024 * 1024;
let folder: string;
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-files-'));
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, mib: number): Promise<string> {
  const path = join(folder, name);
  for (let n = 0; n < mib; n++) await appendFile(path, randomBytes(MIB));
  return path;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Chooses files and sends them once they are sealed. */
async function send(person: Person, ...paths: string[]): Promise<void> {
  await person.by('file-input').setInputFiles(paths);
  await expect(person.by('file-chip').filter({ has: person.page.getByTestId('remove-file') })).toHaveCount(paths.length);
  await person.by('send').click();
  await expect(person.by('file-chip')).toHaveCount(0, { timeout: 120_000 });
}

const file = (person: Person, name: string): Locator => person.page.locator(`[data-testid=file][data-name="${name}"]`);
const isHere = (person: Person, name: string, timeout = 60_000) =>
  expect(file(person, name)).toHaveAttribute('data-state', 'here', { timeout });

/** What the browser puts into the folder for downloads. */
async function saved(person: Person, name: string): Promise<{ hash: string; name: string }> {
  const download = person.page.waitForEvent('download');
  await file(person, name).getByTestId('save-file').click();
  const done = await download;
  return { hash: await hashOf(await done.path()), name: done.suggestedFilename() };
}

/** A JPEG as a camera makes it: large, with a note of where it was taken. */
async function photo(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(4000, 3000);
    const pen = canvas.getContext('2d')!;
    for (let i = 0; i < 40; i++) {
      pen.fillStyle = `hsl(${i * 9} 80% 50%)`;
      pen.fillRect(i * 100, 0, 100, 3000);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
    return btoa(Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) => String.fromCharCode(byte)).join(''));
  });
  const jpeg = Buffer.from(base64, 'base64');
  const note = Buffer.from('Exif\0\0taken at the secret lake 47.3769 N');
  const length = Buffer.from([0xff, 0xe1, (note.length + 2) >> 8, (note.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), length, note, jpeg.subarray(2)]);
}

test('a picture is scaled, loses what the camera noted, and shows on the other side (FILE4)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const buffer = await photo(ann.page);
  expect(buffer.includes('secret lake')).toBe(true);
  await ann.by('file-input').setInputFiles({ name: 'lake.jpg', mimeType: 'image/jpeg', buffer });
  await expect(ann.by('file-chip')).toContainText('lake.jpg');
  await ann.by('composer').fill('look at this');
  await ann.by('send').click();
  await bob.sees('look at this');
  for (const person of [ann, bob]) {
    const image = file(person, 'lake.jpg').getByTestId('picture-image');
    await expect(image).toBeVisible();
    await expect.poll(() => image.evaluate((each: HTMLImageElement) => [each.naturalWidth, each.naturalHeight])).toEqual([2560, 1920]);
  }
  await file(bob, 'lake.jpg').getByTestId('picture').click();
  await expect(bob.by('lightbox').locator('img')).toBeVisible();
  await bob.page.keyboard.press('Escape');
  await expect(bob.by('lightbox')).toHaveCount(0);
  const download = bob.page.waitForEvent('download');
  await file(bob, 'lake.jpg').getByTestId('save-file').click();
  const stream = await (await download).createReadStream();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  expect(Buffer.concat(parts).includes('secret lake')).toBe(false);
});

/** Two frames that go round for ever, with a comment and XMP between them. */
function animation(): Buffer {
  const [head, end] = [Buffer.from('GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1'), Buffer.from([0x3b])];
  const rounds = Buffer.from('\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0', 'latin1');
  const frame = Buffer.from([0x21, 0xf9, 4, 0, 9, 0, 0, 0, 0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0a, 0]);
  const comment = Buffer.from('\x21\xfe\x15made at a secret lake\0', 'latin1');
  const tail = Buffer.from([1, ...Array.from({ length: 256 }, (_, n) => 255 - n), 0]);
  const xmp = Buffer.concat([Buffer.from('\x21\xff\x0bXMP DataXMP<x:xmpmeta>secret lake</x:xmpmeta>', 'latin1'), tail]);
  return Buffer.concat([head, comment, rounds, frame, xmp, frame, end]);
}

test('a GIF goes on moving, and loses what was noted in it (FILE4)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const buffer = animation();
  expect(buffer.includes('secret lake')).toBe(true);
  await ann.by('file-input').setInputFiles({ name: 'wave.gif', mimeType: 'image/gif', buffer });
  await expect(ann.by('file-chip')).toHaveAttribute('data-state', 'ready');
  await expect(ann.by('file-untouched')).toHaveCount(0);
  await ann.by('send').click();
  await expect(file(bob, 'wave.gif').getByTestId('picture-image')).toBeVisible();
  const download = bob.page.waitForEvent('download');
  await file(bob, 'wave.gif').getByTestId('save-file').click();
  const came = await readFile(await (await download).path());
  expect(came.includes('secret lake')).toBe(false);
  const frames = await bob.page.evaluate(async (base64) => {
    const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type: 'image/gif' });
    await decoder.tracks.ready;
    const { frameCount, repetitionCount } = decoder.tracks.selectedTrack!;
    return [frameCount, repetitionCount];
  }, came.toString('base64'));
  expect(frames).toEqual([2, Infinity]);
});

test('a document that could run something is never shown, only saved', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const buffer = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=\'ran\'"><script>document.title="ran"</script></svg>',
  );
  const files = [
    { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer },
    { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>document.title="ran"</script>') },
    { name: 'no-picture.png', mimeType: 'image/png', buffer },
  ];
  await ann.by('file-input').setInputFiles(files);
  // What is no picture after all goes as it is, and its author is told so.
  await expect(ann.by('file-chip').filter({ has: ann.page.getByTestId('file-untouched') })).toContainText([
    'drawing.svg',
    'no-picture.png',
  ]);
  await ann.by('send').click();
  for (const { name } of files) {
    await file(bob, name).getByTestId('fetch-file').click();
    await isHere(bob, name);
    await expect(file(bob, name).locator('img, video, audio')).toHaveCount(0);
    expect((await saved(bob, name)).name).toBe(name);
  }
  expect(await bob.page.title()).not.toContain('ran');
});

test('a file is gone on with after a reload in the middle, at either end (FILE2, FILE3)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const path = await fileOf('plan.bin', 300);
  await send(ann, path);
  await file(bob, 'plan.bin').getByTestId('fetch-file').click();
  await expect(file(bob, 'plan.bin').getByTestId('file-words')).toContainText(/\d+ %, .*\/s, directly/);
  await expect(file(ann, 'plan.bin').getByTestId('file-going')).toContainText(/To Bob: \d+ %/);
  await bob.page.reload();
  await expect(file(bob, 'plan.bin')).toHaveAttribute('data-state', /coming|waiting|checking|here/);
  await ann.page.reload();
  await isHere(bob, 'plan.bin', 120_000);
  expect(await saved(bob, 'plan.bin')).toEqual({ hash: await hashOf(path), name: 'plan.bin' });
});

test('somebody who is away gets 50 MiB from the sealed storage (FILE1)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await bob.close();
  await ann.allDirect(1).catch(() => undefined);
  await expect(ann.by('reach-summary')).not.toHaveText(/2 of 2 direct/, { timeout: 90_000 });
  const path = await fileOf('film.bin', 50);
  await send(ann, path);
  await expect(file(ann, 'film.bin').getByTestId('file-kept')).toContainText('waits at the server', { timeout: 90_000 });
  await ann.page.goto('about:blank');
  await bob.open();
  await bob.enter('Lobby');
  await file(bob, 'film.bin').getByTestId('fetch-file').click();
  await isHere(bob, 'film.bin', 90_000);
  expect(await saved(bob, 'film.bin')).toEqual({ hash: await hashOf(path), name: 'film.bin' });
});

test('a voice message is spoken, listened to, sent, and played on the other side (FILE5)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.page.evaluate(() => {
    // No microphone in this machine: a tone in its place.
    navigator.mediaDevices.getUserMedia = async () => {
      const context = new AudioContext();
      const [tone, end] = [context.createOscillator(), context.createMediaStreamDestination()];
      tone.connect(end);
      tone.start();
      return end.stream;
    };
  });
  await ann.by('record-voice').click();
  await expect(ann.by('voice-recorder').getByRole('timer')).toHaveText('0:02');
  await ann.by('voice-stop').click();
  await expect(ann.by('voice-recorder').locator('audio')).toBeVisible();
  await ann.by('voice-send').click();
  const voice = bob.by('file').filter({ has: bob.page.getByTestId('fetch-file') });
  await voice.getByTestId('fetch-file').click();
  await bob.by('play-voice').click();
  await expect(bob.by('voice')).toContainText(/0:0[1-3]/);
});

test('who says no to the microphone is told what to do', async ({ world }) => {
  const [ann] = (await world('Lobby', 'ann')) as [Person];
  await ann.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await ann.by('record-voice').click();
  await expect(ann.by('voice-refused')).toContainText('Allow it');
  await ann.by('voice-discard').click();
  await expect(ann.by('voice-recorder')).toHaveCount(0);
});
