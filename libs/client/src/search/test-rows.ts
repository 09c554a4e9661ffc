import type { Body } from '../../../protocol/src/index.ts';
import { keys, placeOf, type EntryRow } from '../room/rows.ts';
import type { Write } from '../storage/store.ts';

const nothing = new Uint8Array();
let last = 0;

/** A stored entry of this room, as it stands after everything was checked. */
export function entry(
  body: Body,
  { user = 'ann', ms = ++last, private: said }: { user?: string; ms?: number; private?: string } = {},
): EntryRow {
  const aseq = ++last;
  return {
    mid: `mid-${aseq}`,
    user,
    device: `device-of-${user}`,
    aseq,
    order: { ms, counter: 0 },
    at: ms,
    arrived: ms,
    body,
    statement: nothing,
    signature: nothing,
    generation: 0,
    epoch: 0,
    ahead: false,
    to: null,
    ...(said ? { private: said } : {}),
  };
}

/** What is written of it. */
export function stored(room: string, row: EntryRow): Write[] {
  const place = placeOf({ room }, row);
  return [
    { ...place, value: row },
    { table: 'mids', key: keys.mid(row.private ?? room, row.mid), value: place },
  ];
}
