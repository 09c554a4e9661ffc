import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sealed files for those who are away: what is stored, not what it is. The bytes lie in the data directory. Moments are ms since 1970. */
export class Files1764000000000 implements MigrationInterface {
  name = 'Files1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    // Of an account that is deleted the files stay for whom they were sealed for, without it, until they expire.
    await runner.query(`create table sealed_file (
      room uuid not null references room on delete cascade,
      id text not null,
      account uuid references account on delete set null,
      size bigint not null check (size > 0),
      complete boolean not null default false,
      created_at bigint not null,
      expires_at bigint not null,
      primary key (room, id))`);
    await runner.query(`create index sealed_file_account on sealed_file (account)`);
    await runner.query(`create index sealed_file_expiry on sealed_file (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table sealed_file`);
  }
}
