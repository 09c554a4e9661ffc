import { mentionsIn } from './mentions.ts';

const members = ['ann', 'bob', 'bo-lin', 'carl.x'].map((username) => ({ user: `id of ${username}`, username }));
const named = (text: string) => mentionsIn(text, members).map((id) => id.slice(6));

describe('whom words call', () => {
  it('finds members by username, each once', () => expect(named('@ann and @BOB, ask @ann')).toEqual(['ann', 'bob']));
  it('knows a name from the full stop after it', () => expect(named('Thanks @bob. And @carl.x.')).toEqual(['bob', 'carl.x']));
  it('finds names beside Chinese', () => expect(named('请@bob看一下，@ann也看')).toEqual(['bob', 'ann']));
  it('calls nobody in addresses, longer names, or by a name nobody has', () =>
    expect(named('mail bob@bob.example, https://x.example/@ann, @bobby, @dora')).toEqual([]));
});
