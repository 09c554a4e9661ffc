import { ConclaveError, Ordered, type GroupStatus } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { CommitLog } from './commit-log.ts';
import type { RoomContext } from './context.ts';

/**
 * Gives the server back what it has lost, under its own signatures (delivery.md D11); a fresh commit then makes the group info that newcomers
 * need. `not-here`: this device has not all of it. `another-way`: others have gone on from the older state.
 */
export async function bringBack(
  { rest, room }: RoomContext,
  log: CommitLog,
  { generation, epoch }: GroupStatus,
  roster: Roster,
): Promise<'done' | 'not-here' | 'another-way'> {
  const lost = await log.between(roster.generation, epoch, roster.epoch);
  if (!lost) return 'not-here';
  const query = { generation: String(generation), epoch: String(epoch), count: String(lost.count) };
  try {
    await rest.as('POST', `/api/rooms/${room}/restored?${new URLSearchParams(query)}`, Ordered, { bytes: lost.body });
    return 'done';
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'bad-commit') throw error;
    return 'another-way';
  }
}
