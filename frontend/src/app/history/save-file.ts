/** A file that the person keeps; `write` after `write`, then `close`. */
export type Saving = { write(piece: Uint8Array<ArrayBuffer> | string): Promise<void>; close(): Promise<void> };
type Picker = (options: { suggestedName: string }) => Promise<{ createWritable(): Promise<Saving> }>;

/**
 * Asks where to, and writes there piece by piece where the browser can; elsewhere the pieces gather in a Blob, which browsers keep on the disk, and go
 * where downloads go. Null when the person thinks better of it.
 */
export async function saveAs(name: string, type: string): Promise<Saving | null> {
  const picker = (globalThis as { showSaveFilePicker?: Picker }).showSaveFilePicker;
  if (!picker || navigator.webdriver) return download(name, type); // an automated browser has no such window
  try {
    return await (await picker({ suggestedName: name })).createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    return download(name, type);
  }
}

function download(name: string, type: string): Saving {
  let whole = new Blob([], { type });
  return {
    write: async (piece) => void (whole = new Blob([whole, piece], { type })),
    close: async () => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(whole);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
  };
}
