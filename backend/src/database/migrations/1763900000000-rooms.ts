import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rooms of every kind, moderation, reports, and an audit log whose rows hang together. Moments are ms since 1970. */
export class Rooms1763900000000 implements MigrationInterface {
  name = 'Rooms1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...rooms, ...groups, ...people, ...moderation, ...auditChain]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop trigger audit_chained on audit`);
    await runner.query(`drop function audit_chain`);
    await runner.query(`alter table audit drop column prev, drop column hash, drop column detail`);
    for (const table of ['report', 'ban_mark', 'moderation_act', 'ban', 'block', 'room_invite', 'room_waiting'])
      await runner.query(`drop table ${table}`);
    await runner.query(`alter table account drop column do_not_disturb, drop column locked_until,
      drop column locked_by_ban`);
    await runner.query(`alter table membership drop column invitation`);
    await runner.query(`delete from room where kind <> 'open'`);
    for (const index of ['room_name', 'room_age', 'audit_act', 'audit_actor', 'audit_subject']) await runner.query(`drop index ${index}`);
    await runner.query(`alter table room drop column icon, drop column for_role, drop column slug, drop column members_only, drop column welcome,
      drop column password_hash, drop column password_version, drop column disappear_after, drop column retention_days, drop column origin,
      drop column overflow_of, drop column direct_users`);
    await runner.query(`alter table room add constraint room_kind_check check (kind = 'open')`);
    await runner.query(`create unique index room_name on room (name_key) where archived_at is null`);
  }
}

const rooms = [
  `alter table room drop constraint room_kind_check`,
  `alter table room add constraint room_kind_check check (kind in ('open', 'password', 'hidden', 'direct'))`,
  `alter table room
     add column icon text, add column for_role text check (for_role in ('vip', 'moderator', 'admin')),
     add column slug text unique, add column members_only boolean not null default false, add column welcome text[] not null default '{}',
     add column password_hash text, add column password_version int not null default 0,
     add column disappear_after bigint, add column retention_days int,
     add column origin text not null default 'people' check (origin in ('people', 'config', 'site')),
     add column overflow_of uuid references room on delete set null,
     add column direct_users uuid[]`,
  // A hidden room's name is as unique as any, or its makers could not be told from those of a missing one.
  `drop index room_name`,
  `create unique index room_name on room (name_key) where archived_at is null and kind <> 'direct'`,
  `create unique index room_direct on room (direct_users) where direct_users is not null`,
  `alter table membership add column invitation bytea`,
  // First come, first in, when a place becomes free (ROOM11).
  `create table room_waiting (
     room uuid not null references room on delete cascade, account uuid not null references account on delete cascade,
     since bigint not null, primary key (room, account))`,
  `create table room_invite (
     id uuid primary key, room uuid not null references room on delete cascade, device uuid not null,
     created_by uuid not null references account on delete cascade, secret_hash bytea not null unique, public_key bytea not null,
     signature bytea not null, uses_left int not null check (uses_left >= 0), created_at bigint not null, expires_at bigint not null)`,
  `create index room_invite_room on room_invite (room)`,
  `create index room_age on room (created_at, id)`,
];

/* The id of a group says who may come in (libs/protocol/src/group-id.ts). Groups of before do not: each room founds another, members bring their words. */
const groups = [
  `delete from room_log where kind = 'commit'`,
  `delete from room_leaf`,
  `update room_group set epoch = -1, generation = generation + 1, accept_from = 0, state = null, group_info = null where epoch >= 0`,
];

const people = [
  `alter table account add column do_not_disturb boolean not null default false, add column locked_until bigint,
     add column locked_by_ban boolean not null default false`,
  `create table block (
     account uuid not null references account on delete cascade, blocked uuid not null references account on delete cascade,
     since bigint not null, primary key (account, blocked))`,
  `create index block_blocked on block (blocked)`,
];

const moderation = [
  // Every act, as its maker signed it; other servers on this database read on from the id they saw last. `rooms`: where it ended a membership.
  `create table moderation_act (
     id bigserial primary key, room uuid references room on delete cascade, account uuid references account on delete cascade, act text not null,
     until bigint, statement bytea not null, signature bytea not null unique, certificate bytea not null, at bigint not null, ended_at bigint,
     made_by uuid references account on delete set null, rooms uuid[] not null default '{}')`,
  `create index moderation_act_maker on moderation_act (made_by)`,
  `create index moderation_act_account on moderation_act (account)`,
  `create index moderation_act_room on moderation_act (room, account) where ended_at is null`,
  // Of a room, or (room null) of the site: there the account is locked as well. `made_by` is an audit_id; `by_name` names a program.
  `create table ban (
     id uuid primary key, room uuid references room on delete cascade, account uuid references account on delete cascade, until bigint,
     reason text not null, made_by uuid, by_name text not null, created_at bigint not null, unique nulls not distinct (room, account))`,
  `create index ban_account on ban (account)`,
  `create index ban_age on ban (created_at, id)`,
  // A ban from the site survives its account, as a keyed hash of who it was (ACC13).
  `create table ban_mark (hash bytea primary key, until bigint, reason text not null, created_at bigint not null)`,
  // `closed_by` is an audit_id.
  `create table report (
     id uuid primary key, room uuid references room on delete set null, accused uuid references account on delete set null,
     reporter uuid references account on delete set null, reason text not null, note text not null, evidence jsonb not null, messages int not null,
     state text not null default 'open' check (state in ('open', 'dismissed', 'acted')), closing_note text not null default '',
     closed_by text, created_at bigint not null, closed_at bigint)`,
  `create index report_open on report (created_at, id) where state = 'open'`,
  `create index report_age on report (created_at, id)`,
  `create index report_room on report (room, created_at, id)`,
  `create index report_reporter on report (reporter, created_at)`,
];

/* MOD5: each row carries a hash over the one before it, so that nobody takes one out or changes one unseen. */
const auditChain = [
  `alter table audit add column detail jsonb not null default '{}', add column prev bytea, add column hash bytea`,
  `create function audit_chain() returns trigger language plpgsql as $$
   begin
     perform pg_advisory_xact_lock(7201);
     new.id := coalesce((select max(id) from audit), 0) + 1;
     new.prev := coalesce((select hash from audit order by id desc limit 1), '\\x'::bytea);
     new.hash := sha256(new.prev || convert_to(
       concat_ws(E'\\x1f', new.id, new.at, coalesce(new.actor::text, ''), new.act, new.subject, new.detail::text), 'UTF8'));
     return new;
   end $$`,
  `alter table audit disable trigger audit_append_only`,
  `do $$
   declare line record; before bytea := '\\x'::bytea; now_hash bytea;
   begin
     for line in select * from audit order by id loop
       now_hash := sha256(before || convert_to(
         concat_ws(E'\\x1f', line.id, line.at, coalesce(line.actor::text, ''), line.act, line.subject, line.detail::text), 'UTF8'));
       update audit set prev = before, hash = now_hash where id = line.id;
       before := now_hash;
     end loop;
   end $$`,
  `alter table audit enable trigger audit_append_only`,
  `alter table audit alter column prev set not null, alter column hash set not null`,
  `create trigger audit_chained before insert on audit for each row execute function audit_chain()`,
  `create index audit_act on audit (act, id)`,
  `create index audit_actor on audit (actor, id)`,
  `create index audit_subject on audit (subject, id)`,
];
