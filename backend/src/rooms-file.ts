import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { RoomFor, RoomIcon, RoomName, RoomTopic, Slug, WelcomeText } from '../../libs/protocol/src/index.ts';

/** One room of the file that `ROOMS_FILE` names (ROOM7). Made or updated at every start, never deleted. */
const ConfiguredRoom = z.strictObject({
  name: RoomName,
  icon: RoomIcon.nullable().default(null),
  topic: RoomTopic.default(''),
  welcome: z.array(WelcomeText).max(5).default([]),
  kind: z.enum(['open', 'hidden']).default('open'),
  for: RoomFor.nullable().default(null),
  slug: Slug.nullable().default(null),
  /** Newcomers become members of it: the first room, unless it says false. */
  default: z.boolean().optional(),
  /** When it is full it opens another beside it (ROOM11). */
  overflow: z.boolean().default(false),
});
export type ConfiguredRoom = Omit<z.output<typeof ConfiguredRoom>, 'default'> & { isDefault: boolean };

const key = (name: string) => name.normalize('NFKC').toLowerCase();
const RoomsFile = z
  .array(ConfiguredRoom)
  .max(100)
  .superRefine((rooms, context) => {
    const refuse = (at: number, message: string) => context.addIssue({ code: 'custom', path: [at], message });
    rooms.forEach((room, at) => {
      if (rooms.findIndex(({ name }) => key(name) === key(room.name)) !== at) refuse(at, 'another room has this name');
      if (room.slug !== null && rooms.findIndex(({ slug }) => slug === room.slug) !== at) refuse(at, 'another room has this slug');
      if (room.default && at > 0) refuse(at, 'only the first room can be the default');
      if (at === 0 && room.default !== false && room.for !== null) refuse(at, 'the default room is for everybody: it takes no `for`');
      if (room.overflow && room.kind !== 'open') refuse(at, 'only an open room opens another');
    });
  });

/** Throws Error with a text that says which room and field is wrong. */
export function readRoomsFile(path: string): ConfiguredRoom[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read as JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = RoomsFile.safeParse(json);
  if (parsed.success) return parsed.data.map(({ default: chosen, ...room }, at) => ({ ...room, isDefault: at === 0 && chosen !== false }));
  throw new Error(parsed.error.issues.map((issue) => `${path}: ${['rooms', ...issue.path].join('.')}: ${issue.message}`).join('\n'));
}
