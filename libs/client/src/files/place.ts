/** Port: bytes of files on this device. Sealed ones stay until they are removed; plain ones are there for as long as somebody looks at them. */
export interface FilePlace {
  /** 0 where there is nothing. */
  size(id: string): Promise<number>;
  /** As many as there are. */
  read(id: string, from: number, to: number): Promise<Uint8Array>;
  write(id: string, at: number, bytes: Uint8Array): Promise<void>;
  remove(id: string): Promise<void>;
  all(): Promise<string[]>;
  beginPlain(id: string): Promise<{ write: (bytes: Uint8Array) => Promise<void>; done: () => Promise<Blob> }>;
  removePlain(id: string): Promise<void>;
}
