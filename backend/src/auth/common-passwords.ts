/*
 * Passwords of 16 characters and more that are guessed first are built from few pieces: repetitions, keyboard rows, runs of
 * letters or digits, and common words strung together. Such are recognised instead of listed.
 */
const words = [
  'password', 'passwort', 'passphrase', 'passcode', 'secret', 'letmein', 'welcome', 'admin', 'administrator', 'root', 'login', 'user', 'guest',
  'test', 'example', 'sample', 'default', 'changeme', 'change', 'please', 'qwerty', 'qwertz', 'azerty', 'asdf', 'zxcv', 'iloveyou', 'love',
  'monkey', 'dragon', 'football', 'baseball', 'basketball', 'soccer', 'hockey', 'master', 'superman', 'batman', 'princess', 'sunshine',
  'shadow', 'summer', 'winter', 'spring', 'autumn', 'january', 'monday', 'friday', 'hello', 'world', 'conclave', 'chat', 'company', 'trustno1',
  'correct', 'horse', 'battery', 'staple', 'computer', 'internet', 'google', 'facebook', 'apple', 'microsoft', 'samsung', 'my', 'is', 'the',
  'this', 'a', 'i', 'you', 'me', 'in', 'let', 'one', 'two', 'three', 'abc', 'xyz', 'woaini', 'nihao', 'mima',
].sort((a, b) => b.length - a.length); // prettier-ignore
const rows = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
];
const runs = [...rows, ...rows.map((row) => [...row].reverse().join(''))];
const leet: Record<string, string> = { '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' };
const FEW = 3;

export function isCommon(password: string, username: string): boolean {
  const plain = password.toLowerCase();
  const unleet = [...plain].map((letter) => leet[letter] ?? letter).join('');
  return [plain, unleet].some((text) => repeats(text) || leftOver(text, username) <= FEW);
}

/** One short piece over and over. */
function repeats(text: string): boolean {
  for (let size = 1; size <= text.length / 2; size++) {
    if (
      text
        .slice(0, size)
        .repeat(Math.ceil(text.length / size))
        .startsWith(text)
    )
      return true;
  }
  return new Set(text).size <= FEW;
}

/** How many characters stay when everything that is guessed first is taken out. */
function leftOver(text: string, username: string): number {
  let rest = text.replaceAll(/[\s._!?*#+-]/g, '');
  for (const piece of [username, ...words.filter((word) => word.length > 3)]) rest = rest.replaceAll(piece, ' ');
  rest = rest.replaceAll(/(?:19|20)\d\d/g, ' ');
  for (let size = 12; size >= 4; size--) {
    for (const run of runs) {
      for (let at = 0; at + size <= run.length; at++) rest = rest.replaceAll(run.slice(at, at + size), ' ');
    }
  }
  rest = rest.replaceAll(/(.)\1{2,}/g, ' ');
  for (const word of words.filter(({ length }) => length <= 3)) if (rest.trim() === word) return 0;
  return rest.replaceAll(' ', '').replaceAll(/(?<!\d)\d{1,4}(?!\d)/g, '').length;
}
