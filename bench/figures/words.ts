/** Numbers that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const english =
  'the meeting is at nine and we should bring the numbers from last week because nobody has looked at them since the server was moved to another house can you send me a link to the page about garden lights or call me when the train arrives tomorrow morning thanks for all your help with kites boats lanterns walnuts rivers umbrellas'.split(
    ' ',
  );
const chinese = '明天的会议在三点开始请大家带上周报还有谁没有看过新的页面我们下午去河边放风筝吧好的没问题谢谢你帮我修好服务器火车几点到';

/** What people say: six of ten in English, the rest in Chinese; 3 to 24 words or 4 to 40 characters. */
export function sentence(random: () => number): string {
  const pick = <T>(all: ArrayLike<T>) => all[Math.floor(random() * all.length)]!;
  if (random() < 0.6) return Array.from({ length: 3 + Math.floor(random() * 22) }, () => pick(english)).join(' ');
  return Array.from({ length: 4 + Math.floor(random() * 37) }, () => pick(chinese)).join('');
}
