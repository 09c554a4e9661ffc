import * as z from 'zod';

/* How a variable of the environment is read: blank is absent, and what is nonsense is named. */
const blankIsAbsent = (value: unknown): unknown => (typeof value === 'string' && value.trim() === '' ? undefined : value);
export const setting = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsAbsent, schema);
export const whole = (min: number, max: number, preset: number) =>
  setting(z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(min).max(max)).default(preset));
export const list = setting(
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .default([]),
);
export const origin = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && url.origin === text && /^https?:$/.test(url.protocol);
}, 'must be an origin such as https://chat.example.org, without a path');

const examples = ['change-me', 'changeme', 'secret', 'example', 'replace-me'];

/** A secret out of the documentation is known to everybody. */
export const isExample = (secret: string): boolean => examples.some((word) => secret.toLowerCase().includes(word));
