const side = 512;

/** The picture as at most 512 × 512 pixels of WebP; as it is, where it is small enough and the browser cannot draw it. */
export async function small(file: File, maxBytes: number): Promise<Uint8Array> {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
    canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 })).arrayBuffer());
  } catch {
    // Not drawable here: the server says whether it is a picture at all.
    return new Uint8Array(await file.slice(0, maxBytes + 1).arrayBuffer());
  }
}
