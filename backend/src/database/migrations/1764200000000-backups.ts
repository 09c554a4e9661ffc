import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sealed backups of accounts (E2E10): keys, and history in parts. Moments are ms since 1970. */
export class Backups1764200000000 implements MigrationInterface {
  name = 'Backups1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table backup_part');
    await runner.query('drop table backup');
  }
}

const statements = [
  `create table backup (
     account uuid primary key references account on delete cascade, phrase text not null, keys text not null, made_at bigint not null,
     snapshot text, parts int, snapshot_at bigint)`,
  `create table backup_part (
     account uuid not null references backup (account) on delete cascade, snapshot text not null, n int not null, bytes bytea not null,
     primary key (account, snapshot, n))`,
];
