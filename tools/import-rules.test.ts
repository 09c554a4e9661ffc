import { describe, expect, it } from 'vitest';
import { brokenRule, findCycles, resolveImport } from './import-rules.ts';

describe('import rules', () => {
  it.each([
    ['libs/protocol/src/ids.ts', 'zod'],
    ['libs/api-client/src/index.ts', 'openapi-fetch'],
    ['backend/src/rooms/a.ts', 'backend/src/management/a.ts'],
    ['libs/client/src/room/room.ts', 'libs/client/src/sealing/sealer.ts'],
    ['libs/client/src/sealing/mls-sealer.ts', 'ts-mls'],
    ['backend/src/groups/groups.service.ts', 'libs/mls-wire/src/index.ts'],
    ['backend/src/gateway/gateway.ts', 'backend/src/presence/presence.service.ts'],
    ['frontend/src/app/room/room-page.ts', 'frontend/src/app/ui/icon.ts'],
    ['frontend/src/app/app.routes.ts', 'frontend/src/app/room/room-page.ts'],
  ])('%s may import %s', (from, to) => {
    expect(brokenRule({ from, to })).toBeNull();
  });

  it.each([
    ['libs/protocol/src/ids.ts', 'ws'],
    ['libs/api-client/src/index.ts', 'zod'],
    ['libs/api-client/src/index.ts', 'libs/protocol/src/index.ts'],
    ['backend/src/management/a.ts', 'backend/src/rooms/a.ts'],
    ['backend/src/users/a.ts', 'backend/src/management/a.ts'],
    ['libs/protocol/src/ids.ts', 'libs/client/src/cell.ts'],
    ['libs/mls-wire/src/commit.ts', 'libs/client/src/cell.ts'],
    ['libs/client/src/room/room.ts', '@angular/core'],
    ['libs/client/src/room/room.ts', 'ts-mls'],
    ['libs/client/src/storage/idb-store.ts', 'libs/client/src/server/socket.ts'],
    ['libs/client/src/room/room.ts', 'libs/client/src/conclave.ts'],
    ['libs/client/src/room/room.ts', 'backend/src/config.ts'],
    ['backend/src/presence/presence.service.ts', 'backend/src/gateway/gateway.ts'],
    ['backend/src/relay/relay.service.ts', 'backend/src/signaling/signaling.service.ts'],
    ['backend/src/relay/relay.service.ts', 'libs/mls-wire/src/index.ts'],
    ['backend/src/groups/groups.service.ts', 'ts-mls'],
    ['backend/src/relay/relay.service.ts', 'libs/client/src/cell.ts'],
    ['backend/src/users/users.service.ts', 'backend/src/app.module.ts'],
    ['frontend/src/app/room/room-page.ts', 'frontend/src/app/directory/directory-page.ts'],
    ['frontend/src/app/room/room-page.ts', 'ts-mls'],
    ['frontend/src/app/room/room-page.ts', 'backend/src/config.ts'],
  ])('%s may not import %s', (from, to) => {
    expect(brokenRule({ from, to })).not.toBeNull();
  });

  it('finds a cycle once, and none where there is none', () => {
    const edge = (from: string, to: string) => ({ from: `libs/${from}.ts`, to: `libs/${to}.ts` });
    expect(findCycles([edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('c', 'd')])).toHaveLength(1);
    expect(findCycles([edge('a', 'b'), edge('b', 'c'), edge('a', 'c')])).toEqual([]);
  });

  it('resolves relative specifiers and leaves packages alone', () => {
    expect(resolveImport('backend/src/rooms/a.ts', '../../../libs/protocol/src/index.ts')).toBe('libs/protocol/src/index.ts');
    expect(resolveImport('backend/src/rooms/a.ts', 'zod')).toBe('zod');
  });
});
