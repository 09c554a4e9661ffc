import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts that sign in by other doors than a password, profiles, sessions by name, API tokens. Moments are ms since 1970. */
export class Doors1763800000000 implements MigrationInterface {
  name = 'Doors1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...accounts, ...doors, ...handoff]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['handoff_revocation', 'handoff_use', 'api_token', 'reset_link', 'challenge', 'passkey', 'avatar'])
      await runner.query(`drop table ${table}`);
    await runner.query(`alter table session drop column name, drop column method, drop column last_used_at`);
    for (const index of ['account_subject', 'account_age']) await runner.query(`drop index ${index}`);
    await runner.query(`alter table account drop column origin, drop column issuer, drop column subject, drop column claims, drop column about,
      drop column link, drop column avatar_hash, drop column locked_at, drop column lock_reason, drop column last_seen_at, drop column audit_id,
      drop column username_looks, drop column display_looks`);
  }
}

const accounts = [
  `alter table account alter column password_hash drop not null`,
  `alter table account
     add column origin text not null default 'local' check (origin in ('local', 'guest', 'handoff')),
     add column issuer text, add column subject text, add column claims jsonb not null default '{}',
     add column about text not null default '', add column link text, add column avatar_hash text,
     add column locked_at bigint, add column lock_reason text, add column last_seen_at bigint,
     add column audit_id uuid not null default gen_random_uuid() unique`,
  // What the names look like (users/confusable.ts); null: not yet computed.
  `alter table account add column username_looks text, add column display_looks text`,
  `create index account_username_looks on account (username_looks)`,
  `create index account_display_looks on account (display_looks)`,
  `create index account_age on account (created_at, id)`,
  `create unique index account_subject on account (issuer, subject) where subject is not null`,
  // Rows of the audit log name people by a random id; it means nobody once the account is deleted.
  `alter table audit disable trigger audit_append_only`,
  `update audit set actor = (select audit_id from account where id = audit.actor) where actor is not null`,
  `update audit set subject = (select audit_id::text from account where id::text = audit.subject) where act in ('setup', 'account-key-reset')
     and exists (select 1 from account where id::text = audit.subject)`,
  `update audit set subject = coalesce((select a.audit_id::text from device d join account a on a.id = d.account where d.id::text = audit.subject), '')
     where act = 'device-removed'`,
  `alter table audit enable trigger audit_append_only`,
  `create table avatar (account uuid primary key references account on delete cascade, hash text not null, image bytea not null)`,
  `create index avatar_hash on avatar (hash)`,
  `alter table session
     add column name text not null default '', add column method text not null default 'password', add column last_used_at bigint not null default 0`,
  `create index session_ended on session (ended_at) where ended_at is not null`,
];

const doors = [
  `create table passkey (
     id text primary key, account uuid not null references account on delete cascade, public_key bytea not null, counter bigint not null,
     transports text[] not null, name text not null, backed_up boolean not null, created_at bigint not null, last_used_at bigint)`,
  `create index passkey_account on passkey (account)`,
  `create table challenge (
     hash bytea primary key, kind text not null check (kind in ('passkey-add', 'passkey', 'device')), account uuid references account on delete cascade,
     device uuid, expires_at bigint not null)`,
  `create index challenge_age on challenge (expires_at)`,
  `create table reset_link (
     hash bytea primary key, account uuid not null references account on delete cascade, created_by uuid, created_at bigint not null, expires_at bigint not null)`,
  `create table api_token (
     id uuid primary key, hash bytea not null unique, name text not null, scopes text[] not null,
     created_by uuid not null references account on delete cascade, created_at bigint not null, expires_at bigint not null, last_used_at bigint)`,
];

const handoff = [
  `create table handoff_use (key bytea primary key, expires_at bigint not null)`,
  `create index handoff_use_age on handoff_use (expires_at)`,
  `create table handoff_revocation (issuer text not null, subject text not null, before bigint not null, primary key (issuer, subject))`,
];
