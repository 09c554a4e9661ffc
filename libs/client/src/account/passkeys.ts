/** WebAuthn's JSON forms (W3C WebAuthn Level 3, 5.1.8): what the server made goes in, what the authenticator answered comes out. */
type Json = Record<string, unknown>;

/**
 * The authenticators this platform reaches. Each method throws ConclaveError `conflict` when the person called it off or nothing answered in
 * time, and `unavailable` when the authenticator cannot do what is asked.
 */
export interface Passkeys {
  create(options: Json): Promise<Json>;
  /** `conditional`: waits, without a dialog, until somebody picks a passkey from the suggestions of a field; another call ends it. */
  get(options: Json, conditional: boolean): Promise<Json>;
  /** Ends a wait that goes on. */
  stop(): void;
  /** True when suggestions in a field are possible. */
  suggests(): Promise<boolean>;
  /** What one of these passkeys answers to this salt (the PRF extension), without any server: 32 bytes that open a local lock. */
  secret(credentials: string[], salt: Uint8Array): Promise<{ credential: string; secret: Uint8Array }>;
}
