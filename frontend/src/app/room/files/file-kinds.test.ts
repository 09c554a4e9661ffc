import { describe, expect, it } from 'vitest';
import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';
import { kindOf, safeType } from './file-kinds.ts';

const file = (type: string, more: Partial<Attachment> = {}): Attachment => ({
  id: '',
  key: '',
  size: 1,
  hash: '',
  name: 'f',
  type,
  ...more,
});
const preview = { width: 4, height: 3 };

describe('what is shown of a file', () => {
  it('is a picture, sound or film of a kind that is drawn or played, never run', () => {
    expect(kindOf(file('image/png', { preview }))).toBe('picture');
    expect(kindOf(file('IMAGE/PNG; x=y', { preview }))).toBe('picture');
    expect(kindOf(file('audio/webm;codecs=opus', { voice: [1] }))).toBe('voice');
    expect(kindOf(file('audio/mpeg'))).toBe('sound');
    expect(kindOf(file('video/mp4'))).toBe('film');
  });

  it('is nothing else, and the browser is not even told what its author calls it', () => {
    for (const type of [
      'image/svg+xml',
      'text/html',
      'application/xhtml+xml',
      'application/pdf',
      'text/xml',
      '',
      'constructor',
      'image/png,text/html',
    ])
      expect([type, kindOf(file(type, { preview })), safeType(file(type))]).toEqual([type, 'other', 'application/octet-stream']);
    expect(kindOf(file('image/png'))).toBe('other');
    expect(safeType(file('video/webm; codecs=vp9'))).toBe('video/webm');
  });
});
