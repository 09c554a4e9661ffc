/** Bytes behind an address: answered with 200, without a redirect, and no more than `most` of them. Throws whatever goes wrong. */
export async function bounded(url: string, most: number, init: Pick<RequestInit, 'headers' | 'signal'>): Promise<Buffer> {
  const response = await fetch(url, { ...init, redirect: 'error' });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`it answered with ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > most) throw new Error(`it is larger than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
