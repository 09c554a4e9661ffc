import { ConclaveError, graphemes, roomLimits } from '../../../protocol/src/index.ts';

/** Throws ConclaveError `weak-password` for what no room takes. */
export function requireRoomPassword(password: string): void {
  const { passwordMin, passwordMax } = roomLimits;
  const length = graphemes(password);
  if (length < passwordMin || length > passwordMax)
    throw new ConclaveError('weak-password', `${passwordMin} to ${passwordMax} characters`, undefined, 'room-password-length');
}
