import { encodeContent, type UserId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import type { Committing } from './committing.ts';
import type { RoomContext } from './context.ts';

type Row = { version: number; psk: Uint8Array; told: boolean };

export type RekeyingHooks = {
  /** Seals to everybody in the group; resolves when they have it, or the relay holds it for them. */
  announce: (content: Uint8Array) => Promise<void>;
  /** By the server's word: an owner of the room. */
  mayRekey: (user: UserId) => boolean;
};

/**
 * A change of the room's password (e2ee.md): everybody who is in is told the new half under the keys of now, then a commit rests on it. It is
 * persisted before it begins, so that a crash in between leaves nobody outside.
 */
export class Rekeying {
  #row: Row | null = null;

  constructor(
    private readonly ctx: RoomContext,
    private readonly committing: Committing,
    private readonly hooks: RekeyingHooks,
  ) {}

  get pending(): boolean {
    return this.#row !== null;
  }

  async load(): Promise<void> {
    this.#row = (await this.ctx.store.get<Row>('meta', this.#key)) ?? null;
  }

  async begin(version: number, psk: Uint8Array): Promise<void> {
    await this.ctx.sealer.setPassword(this.ctx.room, version, psk);
    await this.#keep({ version, psk, told: false });
  }

  /** With a group in which nothing has to be removed first. */
  async goOn(roster: Roster): Promise<void> {
    const { version, psk, told } = this.#row!;
    if (!told) await this.hooks.announce(encodeContent({ kind: 'password', version, psk }));
    await this.#keep({ version, psk, told: true });
    await this.committing.commit(roster, [], { password: version });
    await this.forget();
  }

  /** Another member says what the password is now. Only an owner may; and what is known already nobody takes away. */
  async told(by: UserId, roster: Roster | null, version: number, psk: Uint8Array): Promise<boolean> {
    const { sealer, room } = this.ctx;
    if (roster?.entry.by !== 'password' || !this.hooks.mayRekey(by) || version <= (await sealer.passwordVersion(room))) return false;
    await sealer.setPassword(room, version, psk);
    return true;
  }

  async forget(): Promise<void> {
    await this.#keep(null);
  }

  async #keep(row: Row | null): Promise<void> {
    await this.ctx.store.write([{ table: 'meta', key: this.#key, value: row ?? undefined }]);
    this.#row = row;
  }

  get #key(): string {
    return `rekeying/${this.ctx.room}`;
  }
}
