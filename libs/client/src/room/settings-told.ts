import type { ServerFrame } from '../../../protocol/src/index.ts';
import type { Attendance } from './attendance.ts';
import type { RoomContext } from './context.ts';
import type { Page } from './page.ts';
import { aboutOf, type RoomLedger } from './room-ledger.ts';

type Parts = { ledger: RoomLedger; attendance: Attendance; page: Page };

/** The server's word on what the room is, and what one is in it. What it changes is said aloud. */
export async function settingsTold(
  { clock }: RoomContext,
  { ledger, attendance, page }: Parts,
  { summary, settings, certificate }: Extract<ServerFrame, { type: 'joined' | 'changed' }>,
): Promise<void> {
  const before = ledger.row.about?.settings;
  const about = aboutOf(summary, settings, summary.kind === 'direct' ? attendance.other : null);
  await ledger.save({ name: summary.name, topic: summary.topic, left: null, about, certificate, roles: attendance.roles });
  if (!before) return;
  const { disappearAfterMs, retentionDays, newcomersDays, passwordVersion } = settings;
  if (newcomersDays !== (before.newcomersDays ?? null))
    await page.notices.tell(`newcomers.${clock.now()}`, { kind: 'newcomers', days: newcomersDays });
  if (disappearAfterMs !== before.disappearAfterMs || retentionDays !== before.retentionDays) {
    // Said aloud: a server that shortens how long words stay does so before everybody's eyes.
    await page.notices.tell(`settings.${clock.now()}`, { kind: 'settings', disappearAfterMs, retentionDays });
    await page.sweep();
  }
  if (passwordVersion !== before.passwordVersion) await page.notices.tell(`password.${passwordVersion}`, { kind: 'password-changed' });
}
