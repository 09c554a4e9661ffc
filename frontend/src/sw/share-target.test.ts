import { describe, expect, it } from 'vitest';
import type { Shared } from '../app/shelf.ts';
import { isShare, receive } from './share-target.ts';

const origin = 'https://chat.test';
const posted = (form: FormData) => ({ url: `${origin}/share`, formData: () => Promise.resolve(form) }) as Request;
const withText = (text: string): FormData => {
  const form = new FormData();
  form.append('text', text);
  return form;
};

describe('what is shared to the app', () => {
  it('is told from every other request', () => {
    expect(isShare({ method: 'POST', url: `${origin}/share` }, origin)).toBe(true);
    expect(isShare({ method: 'POST', url: `${origin}/share?x=1` }, origin)).toBe(true);
    expect(isShare({ method: 'GET', url: `${origin}/share` }, origin)).toBe(false);
    expect(isShare({ method: 'POST', url: `${origin}/api/share` }, origin)).toBe(false);
    expect(isShare({ method: 'POST', url: 'https://evil.test/share' }, origin)).toBe(false);
  });

  it('is kept, and the page that asks where it goes comes by GET', async () => {
    const kept: Shared[] = [];
    const answer = await receive(posted(withText('hello')), async (shared) => void kept.push(shared));
    expect(kept.map(({ text }) => text)).toEqual(['hello']);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${origin}/share`]);
  });

  it('is not kept when it is nothing, and the page says when it could not be', async () => {
    const kept: Shared[] = [];
    await receive(posted(new FormData()), async (shared) => void kept.push(shared));
    expect(kept).toEqual([]);
    const full = await receive(posted(withText('hello')), () => Promise.reject(new DOMException('full', 'QuotaExceededError')));
    const broken = await receive({ url: `${origin}/share`, formData: () => Promise.reject(new TypeError('no form')) } as Request, async () => undefined); // prettier-ignore
    for (const answer of [full, broken]) expect(answer.headers.get('location')).toBe(`${origin}/share?missed=storage`);
  });
});
