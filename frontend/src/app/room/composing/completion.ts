/** What is being typed just before the caret: the beginning of a name after `@`, or of an emoji after `:`. `from`: where its sign stands. */
export type Beginning = { kind: 'mention' | 'emoji'; from: number; words: string };

const mention = /(?:^|[^a-z0-9_/@.+-])@([\p{L}\p{N}._-]{0,20})$/iu;
const emoji = /(?:^|[\s\p{P}])[:：]([\p{L}\p{N}_+-]{2,24})$/iu;

/** Null when neither is begun there. One letter after `:` is no search yet: it would open at every `:D`. */
export function beginningAt(text: string, caret: number): Beginning | null {
  const before = text.slice(Math.max(0, caret - 64), caret);
  for (const [kind, pattern] of [['mention', mention] as const, ['emoji', emoji] as const]) {
    const words = pattern.exec(before)?.[1];
    if (words !== undefined) return { kind, from: caret - words.length - 1, words };
  }
  return null;
}

/** The text with the beginning replaced, and where the caret stands then. */
export function completed(text: string, caret: number, { from }: Beginning, by: string): { text: string; caret: number } {
  const rest = text.slice(caret);
  const put = rest.startsWith(' ') ? by : `${by} `;
  return { text: text.slice(0, from) + put + rest, caret: from + put.length + (rest.startsWith(' ') ? 1 : 0) };
}
