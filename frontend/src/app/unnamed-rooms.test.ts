import { TestBed } from '@angular/core/testing';
import { RouterTestingHarness } from '@angular/router/testing';
import { describe, expect, it } from 'vitest';
import type { MutableCell } from '../../../libs/client/src/cell.ts';
import type { RoomLine } from '../../../libs/client/src/index.ts';
import { appConfig } from './app.config.ts';
import { CONCLAVE } from './conclave.ts';

/** The screens of a signed-in person, on the client that stands in for the core in the preview. */
async function opened(path: string): Promise<{ root: HTMLElement; name(rooms: (lines: RoomLine[]) => RoomLine[]): Promise<void> }> {
  TestBed.configureTestingModule({ providers: appConfig.providers });
  const client = TestBed.inject(CONCLAVE);
  await client.start();
  const { fixture } = await RouterTestingHarness.create(path);
  await fixture.whenStable();
  const lines = client.rooms as MutableCell<RoomLine[]>;
  const name = async (rooms: (lines: RoomLine[]) => RoomLine[]) => {
    lines.update(rooms);
    await fixture.whenStable();
  };
  return { root: fixture.nativeElement as HTMLElement, name };
}

// Whole screens are loaded as they are in the app: on a slow machine that takes its time.
describe('a room whose name is not known yet', { timeout: 60_000 }, () => {
  it.each([
    ['the list of rooms', '/', '[data-testid=room-list]', 'a'],
    ['invitations', '/invite', 'fieldset', 'input'],
    ['notices', '/settings/notices', '[aria-labelledby=by-room]', 'select'],
    ['privacy', '/privacy', '[aria-labelledby=by-room]', 'button'],
  ])('is a skeleton and no control in %s, until the name comes', async (_, path, list, control) => {
    const { root, name } = await opened(path);
    const count = () => [control, '.skeleton'].map((what) => root.querySelectorAll(`${list} ${what}`).length);
    const [all] = count();
    expect(all).toBeGreaterThan(1);
    let known = '';
    await name(([first, ...others]) => [{ ...first!, name: ((known = first!.name), '') }, ...others]);
    expect(count()).toEqual([all! - 1, 1]);
    await name(([first, ...others]) => [{ ...first!, name: known }, ...others]);
    expect(count()).toEqual([all, 0]);
  });

  it('is not offered where one room of several is chosen', async () => {
    const { root, name } = await opened('/history');
    const choices = () => [...root.querySelectorAll('[data-testid=export-room] option')].map(({ textContent }) => textContent.trim());
    const all = choices();
    await name(([first, ...others]) => [{ ...first!, name: '' }, ...others]);
    expect(choices()).toEqual(all.filter((_, at) => at !== 1)); // the first choice is all of them
  });
});
