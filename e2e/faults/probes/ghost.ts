import { loadGroup } from '../../../libs/client/src/sealing/group-state.ts';
import { loadOwnKeys, makeOwnKeys } from '../../../libs/client/src/sealing/identity.ts';
import { makeKeyPackage } from '../../../libs/client/src/sealing/mls/found.ts';
import { makeCommit } from '../../../libs/client/src/sealing/mls/make-commit.ts';
import { clientConfig } from '../../../libs/client/src/sealing/mls/member.ts';
import { world } from '../../../libs/client/src/sealing/test-world.ts';
import { openMemoryStore } from '../../../libs/client/src/storage/memory-store.ts';

/** A member who checks nothing adds a device that its account never signed, and the server orders it: the others must not follow. */
export async function ghost(): Promise<string[]> {
  const { server, devices } = await world(2);
  const [bad, honest] = devices as [(typeof devices)[0], (typeof devices)[0]];
  const store = openMemoryStore(bad.disk, bad.disk.term);
  const [group, own] = [(await loadGroup(store, server.room))!, (await loadOwnKeys(store))!];
  const { publicPackage } = await makeKeyPackage(
    { ...(await makeOwnKeys(honest.identity.user)), accountKey: honest.identity.accountKey },
    30,
  );
  const { authService } = clientConfig;
  clientConfig.authService = { validateCredential: async () => true };
  const { bundle } = await makeCommit(group.member, own.devicePrivate, [publicPackage], {
    unapplied: {},
    references: [],
    authenticatedData: new Uint8Array(),
  });
  clientConfig.authService = authService;
  const signature = await server.signOrder(bundle.commit, server.group.epoch + 1);
  const followed = await honest.sealer.apply(server.room, bundle.commit, signature).then(
    () => true,
    () => false,
  );
  return followed ? ['ghost: a device that no account has signed is in the group'] : [];
}
