import { filled } from './language.ts';
import { ofSystem } from './spoken.ts';

describe('phrases with values', () => {
  it('puts values in their places', () => expect(filled('{name} joined {room}', { name: 'Bo', room: 'Tea' })).toBe('Bo joined Tea'));
  it('never reads a value as a phrase: somebody may be called by a place', () =>
    expect(filled('{name} joined {room}', { name: '{room}{name}$&', room: '{name}' })).toBe('{room}{name}$& joined {name}'));
  it('leaves a place without a value as it stands', () => expect(filled('{name} is here', {})).toBe('{name} is here'));
});

describe('the language of the browser', () => {
  it('is the first that there is', () => expect(ofSystem(['de-AT', 'zh-Hans-CN', 'en'])).toBe('zh'));
  it('is English where none is there', () => expect(ofSystem(['de', 'constructor'])).toBe('en'));
});
