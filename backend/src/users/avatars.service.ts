import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { avatarBytes, ConclaveError, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';

const SIDE = 256;
const QUALITY = 80;
/** A small file may say that it holds a huge picture: 40 million pixels are a large camera's. */
const PIXELS = 40_000_000;
// Everything else that libvips reads (SVG, PDF, TIFF, RAW …) is code that strangers need not reach.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp', 'Nsgif'].map((format) => `VipsForeignLoad${format}Buffer`) });

/** Pictures of people: made anew from the pixels, so that nothing else of the file (place, camera, scripts, a second format) gets in. */
@Injectable()
export class Avatars {
  constructor(private readonly database: Database) {}

  /**
   * 256 × 256 WebP out of at most 1 MiB of JPEG, PNG, WebP or GIF. Throws `too-large` or `bad-request`. Takes tens of milliseconds of another
   * thread: call it before the transaction that stores it begins.
   */
  async draw(bytes: Uint8Array): Promise<Buffer> {
    if (bytes.length > avatarBytes) throw new ConclaveError('too-large', 'a picture has at most 1 MiB: choose a smaller one');
    try {
      const picture = sharp(bytes, { limitInputPixels: PIXELS, failOn: 'error', pages: 1 });
      return await picture.autoOrient().resize(SIDE, SIDE, { fit: 'cover' }).webp({ quality: QUALITY }).toBuffer();
    } catch {
      throw new ConclaveError('bad-request', 'this is not a picture that can be read: take a JPEG, PNG, WebP or GIF');
    }
  }

  /** Draws and stores in one: where a transaction may last that long. Gives the picture's name. */
  async take(inside: Queryable, user: UserId, bytes: Uint8Array): Promise<string> {
    return this.put(inside, user, await this.draw(bytes));
  }

  /** Stores what `draw` gave; the name is the SHA-256 in base64url. */
  async put(inside: Queryable, user: UserId, image: Buffer): Promise<string> {
    const hash = createHash('sha256').update(image).digest('base64url');
    await inside.run(
      `insert into avatar (account, hash, image) values ($1, $2, $3)
       on conflict (account) do update set hash = excluded.hash, image = excluded.image`,
      [user, hash, image],
    );
    await inside.run('update account set avatar_hash = $1 where id = $2', [hash, user]);
    return hash;
  }

  async drop(inside: Queryable, user: UserId): Promise<void> {
    await inside.run('delete from avatar where account = $1', [user]);
    await inside.run('update account set avatar_hash = null where id = $1', [user]);
  }

  async read(hash: string): Promise<Buffer> {
    const [row] = await this.database.rows<{ image: Buffer }>('select image from avatar where hash = $1 limit 1', [hash]);
    if (!row) throw new ConclaveError('not-found', 'there is no such picture');
    return row.image;
  }
}
