import { toBase64url, type DeviceId, type ErrorCode } from '../../../protocol/src/index.ts';
import type { Leaf, Roster } from '../sealing/sealer.ts';
import type { OutboxRow, Recipient } from './rows.ts';

/* Pure: when words may leave, for whom, and what a refusal means. */

/** Why the first unsealed entry does not leave. */
export type Blocked = 'joining' | 'removal' | 'audience-grew' | 'split' | null;

/** Refusals after which a copy sealed at a later epoch is taken. */
export const mendable: ReadonlySet<ErrorCode> = new Set(['stale-epoch', 'removal-pending', 'not-a-leaf', 'no-group']);

export function blockOf(row: OutboxRow, roster: Roster | null): Blocked {
  if (!roster) return 'joining';
  if (roster.removing.length > 0) return 'removal';
  if (roster.entry.by === 'direct') {
    // Words to one person wait for that person; who else they are said to, nobody can change (group-id.ts).
    return new Set(roster.leaves.map(({ user }) => user)).size < 2 ? 'joining' : null;
  }
  const said = row.accounts && new Set(row.accounts);
  if (said && !row.anyway && accountsOf(roster).some((account) => !said.has(account))) return 'audience-grew';
  return null;
}

/** For a person: a refusal that nothing mends. */
export function whyRefused(code: ErrorCode): string {
  if (code === 'not-member' || code === 'not-found') return 'You are not a member of this room any more.';
  if (code === 'too-large' || code === 'bad-frame') return 'The server does not take a message of this size.';
  return `The server refused this message (${code}).`;
}

export function accountsOf({ leaves }: Roster): string[] {
  return [...new Set(leaves.map(({ accountKey }) => toBase64url(accountKey)))].sort();
}

export function recipientsOf(leaves: Leaf[]): Recipient[] {
  const byUser = new Map<string, DeviceId[]>();
  for (const { user, device } of leaves) byUser.set(user, [...(byUser.get(user) ?? []), device]);
  return [...byUser].map(([user, devices]) => ({ user, devices }));
}
