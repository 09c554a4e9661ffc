const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aeiou';

/** Five groups that can be spoken, 63 bits: "tavi-romu-kesa-bilo-nude". `random(n)` is even over 0…n-1. */
export function passphrase(random: (below: number) => number = secureRandom): string {
  const group = () => [CONSONANTS, VOWELS, CONSONANTS, VOWELS].map((letters) => letters[random(letters.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}

/** Rejection sampling: a plain remainder would prefer the first letters. */
function secureRandom(below: number): number {
  const limit = 256 - (256 % below);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while (byte[0]! >= limit);
  return byte[0]! % below;
}
