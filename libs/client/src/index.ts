export { browserPlatform, type BrowserOptions } from './browser.ts';
export type { Cell } from './cell.ts';
export { MutableCell } from './cell.ts';
export { Conclave, createConclave } from './conclave.ts';
export type { Platform } from './platform.ts';

/* What a face of the product (PWA, command line, bot) sees of the client core, and all it can ask of it. */
export type { ConclaveClient } from './views/client.ts';
export type { SessionView, Me, ConnectionView } from './views/session.ts';
export type { RoomLine, DirectoryView } from './views/room-list.ts';
export type { PrivatePerson, PrivateView } from './views/private.ts';
export type { Heard } from './views/heard.ts';
export type { PrivacyView } from './views/privacy.ts';
export type { Standing, Reach, MemberView, RosterView } from './views/members.ts';
export type { RoomPhase, RoomView } from './views/room.ts';
export type { MessageState, MessageDetails } from './views/message.ts';
export type { Notice } from './views/notice.ts';
export type { TimelineItem, TimelineView } from './views/timeline.ts';
export type { RoomModeration, RoomAdministration } from './views/room-acts.ts';
export type { RoomHandle } from './views/room-handle.ts';
export type { FileRoute, FileComing, FileGoing, FileView, Attaching, FilesHandle } from './views/files.ts';
export type { LockView, Proof } from './account/local-lock.ts';
export type { ImportResult } from './archive/contract.ts';
export type { RoomLevel, SoundEvent } from './notify/notices-row.ts';
export type { RecoveryView } from './recovery/contract.ts';
export type { KnownPerson } from './room/people.ts';
export type { Cursor, SearchHit, SearchPage } from './search/question.ts';
export type { NoticesChange, NoticesView } from './site/notice-settings.ts';
