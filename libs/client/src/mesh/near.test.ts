import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linksPerRoom, nearIn } from './near.ts';

const rooms = fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 120 });
const others = (devices: string[], own: string) => devices.filter((device) => device !== own);
const graph = (devices: string[]) => new Map(devices.map((own) => [own, nearIn(own, others(devices, own))] as const));

describe('links of a room (MESH9)', () => {
  it('are to everybody while they are few, and never more than the bound', () => {
    fc.assert(
      fc.property(rooms, (devices) => {
        for (const [own, near] of graph(devices)) {
          expect(near.has(own)).toBe(false);
          expect(near.size).toBe(Math.min(devices.length - 1, linksPerRoom));
        }
      }),
    );
  });

  it('are the same from both ends, and reach everybody over some', () => {
    fc.assert(
      fc.property(rooms, (devices) => {
        const links = graph(devices);
        for (const [own, near] of links) for (const other of near) expect(links.get(other)!.has(own)).toBe(true);
        const reached = new Set([devices[0]!]);
        for (const device of reached) for (const other of links.get(device)!) reached.add(other);
        expect(reached.size).toBe(devices.length);
      }),
    );
  });

  it('change by one for whoever is near, when somebody comes or goes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: linksPerRoom + 3, maxLength: 120 }), ([newcomer, ...devices]) => {
        const [before, after] = [graph(devices), graph([...devices, newcomer!])];
        const lost = devices.flatMap((own) => [...before.get(own)!].filter((other) => !after.get(own)!.has(other)));
        for (const own of devices)
          expect([...before.get(own)!].filter((other) => !after.get(own)!.has(other)).length).toBeLessThanOrEqual(1);
        expect(lost.length).toBeLessThanOrEqual(linksPerRoom);
      }),
    );
  });
});
