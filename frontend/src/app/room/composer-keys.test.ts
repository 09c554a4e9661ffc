import { describe, expect, it } from 'vitest';
import { composerAct } from './composer-keys.ts';

const key = (name: string, more: Partial<KeyboardEvent> = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 0,
  ...more,
});
const desk = { empty: false, editing: false, touchFirst: false };

describe('keys in the composer', () => {
  it('sends by Enter', () => expect(composerAct(key('Enter'), desk)).toBe('send'));
  it('makes a new line by Shift-Enter', () => expect(composerAct(key('Enter', { shiftKey: true }), desk)).toBeNull());
  it('does not send while an IME is composing', () => expect(composerAct(key('Enter', { isComposing: true }), desk)).toBeNull());
  it('does not send by the Enter that ends a composition in Safari', () =>
    expect(composerAct(key('Enter', { keyCode: 229 }), desk)).toBeNull());
  it('does not send by Ctrl-Enter while an IME is composing either', () =>
    expect(composerAct(key('Enter', { ctrlKey: true, isComposing: true }), desk)).toBeNull());
  it('makes a new line by Enter on a touch-first device', () =>
    expect(composerAct(key('Enter'), { ...desk, touchFirst: true })).toBeNull());
  it.each([{ ctrlKey: true }, { metaKey: true }])('sends by %o and Enter everywhere', (modifier) => {
    expect(composerAct(key('Enter', modifier), { ...desk, touchFirst: true })).toBe('send');
    expect(composerAct(key('Enter', modifier), desk)).toBe('send');
  });
  it('edits the last message by the up arrow when empty', () =>
    expect(composerAct(key('ArrowUp'), { ...desk, empty: true })).toBe('edit-last'));
  it('leaves the up arrow alone when there are words', () => expect(composerAct(key('ArrowUp'), desk)).toBeNull());
  it('leaves the up arrow alone while editing', () =>
    expect(composerAct(key('ArrowUp'), { ...desk, empty: true, editing: true })).toBeNull());
  it('cancels by Escape, but not the Escape that closes an IME', () => {
    expect(composerAct(key('Escape'), desk)).toBe('cancel');
    expect(composerAct(key('Escape', { isComposing: true }), desk)).toBeNull();
  });
  it('leaves letters alone', () => expect(composerAct(key('a'), desk)).toBeNull());
});
