import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people say of whether they are there, and where they are told of what came while they were not. Moments are ms since 1970. */
export class Notices1764100000000 implements MigrationInterface {
  name = 'Notices1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...statuses, ...push]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['push_subscription', 'push_key']) await runner.query(`drop table ${table}`);
    await runner.query(`alter table account add column do_not_disturb boolean not null default false`);
    await runner.query(`update account set do_not_disturb = true where status = 'dnd'`);
    await runner.query(`alter table account drop column status, drop column status_text, drop column status_until`);
  }
}

/* Do not disturb is one of the statuses there are: one place says whether somebody may be disturbed. */
const statuses = [
  `alter table account
     add column status text not null default 'online' check (status in ('online', 'away', 'busy', 'dnd', 'invisible')),
     add column status_text text not null default '', add column status_until bigint`,
  `update account set status = 'dnd' where do_not_disturb`,
  `alter table account drop column do_not_disturb`,
];

const push = [
  // The server's own pair for push services (VAPID), made at first start; base64url.
  `create table push_key (id int primary key check (id = 1), public_key text not null, private_key text not null, made_at bigint not null)`,
  // Where a device's push service takes what is for it. \`quiet\`: rooms of which it wants to hear nothing.
  `create table push_subscription (
     device uuid primary key references device on delete cascade, account uuid not null references account on delete cascade,
     endpoint text not null, p256dh text not null, auth text not null, quiet uuid[] not null default '{}', since bigint not null)`,
  `create index push_subscription_account on push_subscription (account)`,
];
