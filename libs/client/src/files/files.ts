import {
  ConclaveError,
  decodeFileMessage,
  fromBase64url,
  sealedSize,
  type Attachment,
  type DeviceId,
  type FileMessage,
  type FileStorage,
  type Mid,
  type RoomId,
  type UserId,
} from '../../../protocol/src/index.ts';
import { MutableCell, type Cell } from '../cell.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Store } from '../storage/store.ts';
import type { Attaching, FileComing, FileView, FilesHandle } from '../views/files.ts';
import { attach, type AttachTools } from './attaching.ts';
import { Coming } from './coming.ts';
import { FileLedger } from './file-ledger.ts';
import type { FileRow, FilesOfRooms } from './rows.ts';
import { FileDamaged } from './sealing.ts';
import { FileServing } from './serving.ts';
import { FileStoring } from './storing.ts';

export type FilesOptions = {
  me: UserId;
  store: Store;
  mesh: Mesh;
  rest: RestClient;
  /** Null where this browser keeps no files. Opened at the first need. */
  open: (() => Promise<AttachTools>) | null;
  online: () => boolean;
  limits: () => FileStorage | null;
  nameOf: (device: DeviceId) => string;
  broken: (error: unknown) => void;
};

/** Pictures up to this size come by themselves. */
const BY_ITSELF = 10 * 1024 * 1024;
/** Attached and never sent: swept after so long. */
const UNSENT_MS = 86_400_000;
const nothing: FileView = { coming: { state: 'absent' }, size: 0, going: [], withheld: false, stored: 'no' };

/** Files in messages (FILE1–FILE3): sealed here, given to whoever of the room asks, stored for those who are away, fetched and checked. */
export class Files implements FilesHandle, FilesOfRooms {
  readonly #ledger: FileLedger;
  readonly #serving: FileServing;
  readonly #storing: FileStoring;
  readonly #coming = new Map<string, Coming>();
  readonly #bringing = new Map<string, Promise<void>>();
  readonly #states = new Map<string, FileComing>();
  readonly #views = new Map<string, MutableCell<FileView>>();
  readonly #stops: (() => void)[] = [];
  #tools: Promise<AttachTools> | null = null;
  #stopped = false;

  constructor(private readonly options: FilesOptions) {
    const { mesh, rest, store } = options;
    const vault = async () => (await this.#open()).vault;
    const changed = (id: string) => this.#show(id);
    this.#ledger = new FileLedger(store);
    this.#serving = new FileServing(mesh, { vault, changed, file: (id, device) => this.#givable(id, device) });
    this.#storing = new FileStoring(rest, this.#ledger, { vault, changed, online: options.online, limits: options.limits });
    this.#stops.push(mesh.on('file', ({ from, bytes }) => this.#heard(from, bytes)));
    this.#stops.push(mesh.on('changed', () => this.#coming.forEach((coming) => coming.changed())));
  }

  get available(): boolean {
    return this.options.open !== null;
  }

  /** Goes on with what a reload cut off, and sweeps what was never sent. */
  async start(): Promise<void> {
    await this.#ledger.load();
    const unsent = Date.now() - UNSENT_MS;
    for (const [id, row] of this.#ledger.all()) {
      if (row.mid === null && row.added < unsent) await this.#forget(id);
      else if (row.wanted && !row.complete) this.#begin(id, row);
    }
    this.#resumeStoring();
  }

  /** The server is there again. */
  serverBack(): void {
    this.#coming.forEach((coming) => coming.changed());
    this.#resumeStoring();
  }

  stop(): void {
    this.#stopped = true;
    this.#stops.forEach((stop) => stop());
    this.#coming.forEach((coming) => coming.cancel());
    this.#serving.stopAll();
    this.#storing.stop();
  }

  attach(room: RoomId, file: File, beside?: { duration?: number; voice?: number[] }): Attaching {
    return attach(this.#open(), this.#ledger, { room, user: this.options.me }, file, beside);
  }

  view(id: string): Cell<FileView> {
    const known = this.#views.get(id);
    if (known) return known;
    const cell = new MutableCell(this.#viewOf(id));
    this.#views.set(id, cell);
    return cell;
  }

  async fetch(room: RoomId, { mid, author }: { mid: Mid; author: { user: UserId } }, { id, size, hash }: Attachment): Promise<void> {
    const known = this.#ledger.get(id);
    if (known?.complete || !this.available) return;
    const row: FileRow = known ?? {
      room,
      mid,
      user: author.user,
      size,
      hash,
      complete: false,
      wanted: true,
      withheld: false,
      stored: 'no',
      added: Date.now(),
    };
    if (!known || !known.wanted) await this.#ledger.put(id, { ...row, wanted: true });
    this.#begin(id, row);
  }

  async cancel(id: string): Promise<void> {
    this.#coming.get(id)?.cancel();
    await this.#ledger.change(id, { wanted: false });
  }

  async withhold(id: string, on: boolean): Promise<void> {
    const row = this.#ledger.get(id);
    if (!row || row.user !== this.options.me) return;
    await this.#ledger.change(id, { withheld: on, ...(row.stored === 'yes' ? {} : { stored: on ? 'no' : 'owed' }) });
    if (on) {
      this.#serving.stop(id);
      this.#storing.drop(id);
    } else this.#resumeStoring();
    this.#show(id);
  }

  async open({ id, key, size }: Attachment): Promise<Blob> {
    const row = this.#ledger.get(id);
    if (!row?.complete) throw new ConclaveError('not-found', 'This file is not here yet.');
    const { vault } = await this.#open();
    try {
      return await vault.open(id, fromBase64url(key), size);
    } catch (error) {
      if (!(error instanceof FileDamaged)) throw error;
      throw new ConclaveError('bad-request', 'This file is not what its author sealed. It is not opened.', undefined, 'damaged');
    }
  }

  close(id: string): void {
    void this.#open().then(({ vault }) => vault.close(id));
  }

  async said(room: RoomId, mid: Mid, files: Attachment[], store: boolean): Promise<void> {
    const { mesh } = this.options;
    const direct = mesh.devicesIn(room).every((device) => mesh.reaches(device));
    for (const { id } of files) await this.#ledger.change(id, { mid, stored: store && !direct ? 'owed' : 'no' });
    files.forEach(({ id }) => this.#show(id));
    this.#resumeStoring();
  }

  async heard(room: RoomId, mid: Mid, user: UserId, files: Attachment[]): Promise<void> {
    for (const file of files) if (file.preview && file.size <= BY_ITSELF) await this.fetch(room, { mid, author: { user } }, file);
  }

  async gone(mid: Mid, by?: UserId): Promise<void> {
    for (const [id, row] of this.#ledger.of(mid)) {
      if (by !== undefined && row.user !== by) continue;
      if (row.stored === 'yes') this.#dropStored(id, row);
      await this.#forget(id);
    }
  }

  async #forget(id: string): Promise<void> {
    this.#coming.get(id)?.cancel();
    await this.#bringing.get(id);
    this.#serving.stop(id);
    this.#storing.drop(id);
    await this.#ledger.remove(id);
    await (await this.#open()).vault.forget(id);
    this.#states.delete(id);
    this.#show(id);
  }

  /** Where it fails the storage drops it by itself, after its days. */
  #dropStored(id: string, { room }: FileRow): void {
    this.options.rest.ask('DELETE', `/api/rooms/${room}/files/${id}`).catch((error: unknown) => {
      if (!(error instanceof ConclaveError)) this.options.broken(error);
    });
  }

  #open(): Promise<AttachTools> {
    if (!this.options.open)
      return Promise.reject(new ConclaveError('unavailable', 'This browser cannot keep files.', undefined, 'no-files'));
    this.#tools ??= this.options.open();
    return this.#tools;
  }

  #resumeStoring(): void {
    this.#storing.resume().catch((error: unknown) => this.#failed(error));
  }

  #begin(id: string, row: FileRow): void {
    if (this.#bringing.has(id) || this.#stopped) return;
    const bringing = this.#bring(id, row)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#coming.delete(id);
        this.#bringing.delete(id);
      });
    this.#bringing.set(id, bringing);
  }

  async #bring(id: string, row: FileRow): Promise<void> {
    const { mesh, rest, online } = this.options;
    const changed = (coming: FileComing) => {
      this.#states.set(id, coming);
      this.#show(id);
    };
    changed({ state: 'waiting' });
    const { vault } = await this.#open();
    if (!this.#ledger.get(id)?.wanted || this.#stopped) return; // cancelled meanwhile
    const coming = new Coming(id, row, { mesh, rest, vault, online, changed });
    this.#coming.set(id, coming);
    const complete = await coming.run();
    if (this.#stopped) return;
    if (complete) await this.#ledger.change(id, { complete: true });
    else if (this.#states.get(id)?.state === 'failed') await this.#ledger.change(id, { wanted: false });
    if (complete) this.#states.delete(id);
    this.#show(id);
  }

  #heard(from: DeviceId, bytes: Uint8Array): void {
    let message: FileMessage;
    try {
      message = decodeFileMessage(bytes);
    } catch (error) {
      if (error instanceof RangeError) return; // rubbish from a member: worth nothing, harms nobody
      throw error;
    }
    this.#coming.get(message.id)?.hear(from, message);
    if (message.type === 'want' || message.type === 'stop') this.#serving.hear(from, message);
  }

  #givable(id: string, device: DeviceId): FileRow | undefined {
    const row = this.#ledger.get(id);
    return row?.complete && row.mid !== null && !row.withheld && this.options.mesh.shares(row.room, device) ? row : undefined;
  }

  #show(id: string): void {
    this.#views.get(id)?.set(this.#viewOf(id));
  }

  #viewOf(id: string): FileView {
    const row = this.#ledger.get(id);
    if (!row) return nothing;
    const { mesh, nameOf } = this.options;
    const now = this.#storing.now;
    const storing = now?.id === id ? [{ to: null, at: now.at, rate: now.rate, route: 'storage' as const }] : [];
    const going = this.#serving.of(id).map(({ device, at, rate }) => {
      const route = mesh.reach(device, true) === 'turn' ? ('turn' as const) : ('direct' as const);
      return { to: nameOf(device), at, rate, route };
    });
    return {
      coming: row.complete ? { state: 'here' } : (this.#states.get(id) ?? { state: 'absent' }),
      size: sealedSize(row.size),
      going: [...going, ...storing],
      withheld: row.withheld,
      stored: row.stored,
    };
  }

  #failed(error: unknown): void {
    if (!this.#stopped) this.options.broken(error);
  }
}
