import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { auditHeadStatement, toBase64url, type AuditCheck, type AuditHead } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';

/** `detail` is the text that was hashed, exactly. */
type Row = {
  id: number;
  at: number;
  actor: string | null;
  act: string;
  subject: string;
  detail: string;
  prev: Uint8Array;
  hash: Uint8Array;
};

const PAGE = 500;
const NONE = Buffer.alloc(0);

/** As the database does when it writes a row (migrations, audit_chain). */
function hashOf({ id, at, actor, act, subject, detail }: Row, before: Uint8Array): Buffer {
  const said = [id, at, actor ?? '', act, subject, detail].join('\x1f');
  return createHash('sha256').update(before).update(said).digest();
}

/**
 * The audit log as a chain (MOD5): each row's hash covers the one before, so that a row which was changed, taken out, put in or moved is found. Rows that
 * were cut off at the end, and a log that was written anew as a whole, are found only by whoever kept an export: its last line is signed.
 */
@Injectable()
export class AuditChain {
  constructor(
    private readonly database: Database,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  async check(): Promise<AuditCheck> {
    let [rows, before, brokenAt] = [0, NONE as Uint8Array, null as number | null];
    for await (const page of this.#pages()) {
      for (const row of page) {
        rows++;
        if (brokenAt === null && !follows(row, before)) brokenAt = row.id;
        before = row.hash;
      }
    }
    return { rows, head: toBase64url(before), brokenAt };
  }

  /** Newline-delimited JSON, oldest first, a page at a time: however long the log, little of it is in memory. */
  async *export(): AsyncGenerator<string> {
    let [rows, head] = [0, ''];
    for await (const page of this.#pages()) {
      rows += page.length;
      head = toBase64url(page.at(-1)!.hash);
      yield page.map((row) => `${JSON.stringify({ ...row, prev: toBase64url(row.prev), hash: toBase64url(row.hash) })}\n`).join('');
    }
    const last = { rows, head, at: Date.now() };
    const signature = toBase64url(this.secrets.server.sign(auditHeadStatement(last)));
    yield `${JSON.stringify({ ...last, signature } satisfies AuditHead)}\n`;
  }

  /** What is written meanwhile is at the end: the log only grows. */
  async *#pages(): AsyncGenerator<Row[]> {
    for (let after = Number.MIN_SAFE_INTEGER; ;) {
      const rows = await this.database.rows<Row>(
        `select id, at, actor, act, subject, detail::text as detail, prev, hash from audit where id > $1 order by id limit ${PAGE}`,
        [after],
      );
      if (rows.length > 0) yield rows;
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.id;
    }
  }
}

function follows(row: Row, before: Uint8Array): boolean {
  return Buffer.compare(row.prev, before) === 0 && Buffer.compare(row.hash, hashOf(row, before)) === 0;
}
