import { Injectable } from '@nestjs/common';
import type { UserId } from '../../../libs/protocol/src/index.ts';
import { HandoffUses } from '../auth/handoff/handoff-uses.service.ts';
import { OwnDoors } from '../auth/own-doors.service.ts';
import { Database } from '../database/database.ts';
import { audit, auditAbout } from '../users/audit.ts';
import { Subjects, type Subject } from './subjects.service.ts';

/** An embedding site takes back whom it handed over (ACC10). */
@Injectable()
export class Revocations {
  constructor(
    private readonly database: Database,
    private readonly uses: HandoffUses,
    private readonly subjects: Subjects,
    private readonly doors: OwnDoors,
  ) {}

  /**
   * Ends every session, and refuses every token issued up to now, whether its bearer has been here or not. The password, passkeys and devices that
   * they added go too, or they came straight back: only a newer token of the site opens the account. That may be the last administrator's.
   */
  async revoke(actor: UserId, who: Subject): Promise<void> {
    const after = await this.database.transaction(async (inside) => {
      await this.uses.alone(inside, who.issuer, who.subject);
      await this.uses.revoke(inside, who.issuer, who.subject);
      const known = await this.subjects.find(inside, who);
      if (known) await auditAbout(inside, actor, 'handoff-revoked', known.id);
      else await audit(inside, actor, 'handoff-revoked', 'nobody who has been here');
      return known ? this.doors.shut(inside, known.id) : null;
    });
    after?.();
  }
}
