import { OpfsPlace } from './opfs-place.ts';
import { preparePicture } from './pictures.ts';
import { sendFault, vaultMethods, type VaultAnswer, type VaultCall, type VaultOpen, type VaultTools } from './vault-calls.ts';
import { FileVault } from './vault.ts';

/*
 * Entry of the files' worker: bytes are read, sealed, hashed and written here, beside the page. The first message names the folder.
 */
type Page = { postMessage(message: unknown, transfer: Transferable[]): void };
const page = globalThis as unknown as Page;
let tools: Promise<VaultTools> | null = null;

globalThis.addEventListener('message', ({ data }: MessageEvent<VaultOpen | VaultCall>) => {
  if ('open' in data) tools = openTools(data.open);
  else void answer(data);
});

async function openTools(name: string): Promise<VaultTools> {
  const vault = new FileVault(await OpfsPlace.open(name));
  return Object.assign(vault, { prepare: preparePicture });
}

async function answer({ id, method, args }: VaultCall): Promise<void> {
  try {
    if (!Object.hasOwn(vaultMethods, method)) throw new RangeError('no such call');
    const call = (await tools!)[method] as (...args: unknown[]) => Promise<unknown>;
    const told = method === 'seal' ? [...args, (tell: number) => say({ id, tell })] : args;
    say({ id, value: await call.apply(await tools, told) });
  } catch (error) {
    say({ id, error: sendFault(error) });
  }
}

/** Bytes are handed over, not copied. */
function say(message: VaultAnswer): void {
  const bytes = 'value' in message && message.value instanceof Uint8Array ? [message.value.buffer as ArrayBuffer] : [];
  page.postMessage(message, bytes);
}
