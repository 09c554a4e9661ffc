import { decode, encode } from '@msgpack/msgpack';
import { StoreError, type Table, type Value } from './store.ts';

/*
 * Values at rest (E2E7): MessagePack, then AES-256-GCM under the data key, 12 random bytes of IV before it. Table and key are additional data,
 * so that nobody who can write to the disk can move a value to another place.
 */
const IV = 12;
const utf8 = new TextEncoder();
const place = (table: Table, key: string) => utf8.encode(`${table}\0${key}`);

export async function sealValue(dataKey: CryptoKey, table: Table, key: string, value: Value): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const plain = encode(value, { ignoreUndefined: true });
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: place(table, key) }, dataKey, plain);
  const out = new Uint8Array(IV + body.byteLength);
  out.set(iv);
  out.set(new Uint8Array(body), IV);
  return out;
}

/** Throws StoreError `locked` when this is not the key, or not the place, it was sealed with. */
export async function openValue(dataKey: CryptoKey, table: Table, key: string, sealed: Uint8Array<ArrayBuffer>): Promise<Value> {
  const iv = sealed.subarray(0, IV);
  try {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: place(table, key) }, dataKey, sealed.subarray(IV));
    return decode(plain) as Value;
  } catch (error) {
    throw new StoreError('locked', 'a stored value does not open with this key', { cause: error });
  }
}
