/*
 * Who may see what, as conditions of SQL: so that a room that is not for somebody is not found, and nobody forgets to look. Of a `room` called
 * `r` and an `account` called `a`.
 */

/** For everybody, or for a role that this person has (ROOM7). */
export const hasRole = `(r.for_role is null
    or (r.for_role = 'vip' and coalesce(a.claims->>'vip' = 'true', false))
    or (r.for_role = 'moderator' and a.role in ('moderator', 'admin'))
    or (r.for_role = 'admin' and a.role = 'admin'))`;

/** The room is for this person: and where the embedding site says who comes, it names them (ROOM9). */
export const isFor = `${hasRole} and (not r.members_only or coalesce(a.claims->'rooms' ? r.slug, false))`;

/** Stands in lists, at least of those whom it is for. */
export const listed = `r.kind in ('open', 'password') and r.archived_at is null`;

/** For some people only. */
export const restricted = `(r.for_role is not null or r.members_only)`;
