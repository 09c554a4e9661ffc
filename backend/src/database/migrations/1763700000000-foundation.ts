import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Moments are ms since 1970 (bigint), keys and hashes raw bytes. */
export class Foundation1763700000000 implements MigrationInterface {
  name = 'Foundation1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...accounts, ...rooms, ...groups, ...relay]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [
      'expiry_notice',
      'relay_cursor',
      'room_log',
      'admission',
      'key_package_lease',
      'key_package',
      'room_leaf',
      'room_group',
    ];
    tables.push(
      'room_head',
      'membership',
      'room',
      'audit',
      'link_message',
      'guess',
      'invite',
      'ticket',
      'session',
      'device',
      'account',
      'meta',
    );
    for (const table of tables) await runner.query(`drop table ${table}`);
  }
}

const accounts = [
  `create table meta (key text primary key, value text not null)`,
  `create table account (
     id uuid primary key, username text not null unique, display_name text not null,
     role text not null check (role in ('user', 'moderator', 'admin')), password_hash text not null,
     account_key bytea, key_was_reset boolean not null default false, created_at bigint not null)`,
  `create table device (
     id uuid primary key, account uuid not null references account on delete cascade, device_key bytea not null,
     account_key bytea not null, signature bytea not null, name text not null,
     created_at bigint not null, last_seen_at bigint not null, revoked_at bigint)`,
  `create index device_account on device (account)`,
  `create table session (
     id uuid primary key, account uuid not null references account on delete cascade, device uuid references device,
     refresh_count int not null default 0, rotated_at bigint not null, created_at bigint not null, expires_at bigint not null, ended_at bigint)`,
  `create index session_account on session (account)`,
  `create index session_device on session (device)`,
  `create table ticket (hash bytea primary key, session uuid not null references session on delete cascade, expires_at bigint not null)`,
  `create table invite (
     id uuid primary key, secret_hash bytea not null unique, uses_left int not null check (uses_left >= 0), rooms uuid[] not null,
     created_by uuid not null references account on delete cascade, created_at bigint not null, expires_at bigint not null)`,
  `create table guess (bucket text primary key, failures int not null, blocked_until bigint not null, last_at bigint not null)`,
  `create table link_message (
     account uuid not null references account on delete cascade, mailbox text not null, side text not null,
     sealed text not null, expires_at bigint not null, primary key (account, mailbox, side))`,
  `create table audit (id bigserial primary key, at bigint not null, actor uuid, act text not null, subject text not null)`,
  `create function audit_is_append_only() returns trigger language plpgsql as $$ begin raise exception 'the audit log is append-only'; end $$`,
  `create trigger audit_append_only before update or delete on audit for each row execute function audit_is_append_only()`,
];

const rooms = [
  `create table room (
     id uuid primary key, kind text not null check (kind = 'open'), name text not null, name_key text not null, topic text not null,
     created_at bigint not null, archived_at bigint)`,
  `create unique index room_name on room (name_key) where archived_at is null`,
  `create table membership (
     room uuid not null references room on delete cascade, account uuid not null references account on delete cascade,
     role text not null check (role in ('owner', 'moderator', 'member')), since bigint not null, primary key (room, account))`,
  `create index membership_account on membership (account)`,
];

const groups = [
  `create table room_head (room uuid primary key references room on delete cascade, pos bigint not null default 0)`,
  `create table room_group (
     room uuid primary key references room on delete cascade, generation int not null default 0, epoch bigint not null default -1,
     accept_from bigint not null default 0, state bytea, group_info bytea)`,
  `create table room_leaf (
     room uuid not null references room on delete cascade, generation int not null, leaf int not null, device uuid not null,
     account uuid not null, account_key bytea not null, from_epoch bigint not null, to_epoch bigint, removing boolean not null default false,
     primary key (room, generation, leaf, from_epoch))`,
  `create index room_leaf_device on room_leaf (device) where to_epoch is null`,
  `create table key_package (
     ref bytea primary key, device uuid not null references device on delete cascade, package bytea not null,
     last_resort boolean not null, expires_at bigint not null, created_at bigint not null)`,
  `create index key_package_device on key_package (device)`,
  `create table key_package_lease (
     room uuid not null references room on delete cascade, device uuid not null, ref bytea not null references key_package on delete cascade,
     until bigint not null, primary key (room, device))`,
  `create table admission (
     nonce bytea primary key, room uuid not null references room on delete cascade, device uuid not null,
     generation int not null, epoch bigint not null, expires_at bigint not null)`,
];

const relay = [
  `create table room_log (
     room uuid not null references room on delete cascade, pos bigint not null, kind text not null check (kind in ('commit', 'envelope')),
     generation int not null, epoch bigint not null, eid bytea not null, author uuid not null, body bytea not null,
     welcome bytea, group_info bytea, server_signature bytea, added uuid[] not null default '{}', removed uuid[] not null default '{}',
     targets uuid[] not null, created_at bigint not null, primary key (room, pos))`,
  `create unique index room_log_eid on room_log (room, eid) where kind = 'envelope'`,
  `create index room_log_age on room_log (created_at)`,
  `create table relay_cursor (room uuid not null references room on delete cascade, device uuid not null,
     pos bigint not null default 0, beyond bigint[] not null default '{}', primary key (room, device))`,
  `create table expiry_notice (
     id bigserial primary key, account uuid not null references account on delete cascade, room uuid not null, eid bytea not null,
     devices uuid[] not null, created_at bigint not null)`,
  `create index expiry_notice_account on expiry_notice (account)`,
];
