import { createHash } from 'node:crypto';

export const groupInfoHash = (groupInfo: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(groupInfo).digest());
