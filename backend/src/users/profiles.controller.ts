import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Put, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiNoContentResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { AvatarHash, ConclaveError, OwnProfile, Profile, ProfileChange, UserId } from '../../../libs/protocol/src/index.ts';
import { Avatars } from './avatars.service.ts';
import { WhoCalls, type Caller } from './caller.ts';
import { Profiles } from './profiles.service.ts';

@ApiTags('people')
@ApiBearerAuth()
@Controller('api')
export class ProfilesController {
  constructor(
    private readonly profiles: Profiles,
    private readonly avatars: Avatars,
  ) {}

  @Get('me')
  @ApiOkResponse({ standardSchema: OwnProfile })
  own(@WhoCalls() caller: Caller): Promise<OwnProfile> {
    return this.profiles.own(caller.user);
  }

  @Patch('me')
  @ApiOkResponse({ standardSchema: OwnProfile })
  change(@WhoCalls() caller: Caller, @Body({ schema: ProfileChange }) change: ProfileChange): Promise<OwnProfile> {
    return this.profiles.change(caller.user, change);
  }

  @Put('me/avatar')
  @HttpCode(204)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiNoContentResponse()
  async picture(@WhoCalls() caller: Caller, @Body() bytes: unknown): Promise<void> {
    if (!(bytes instanceof Uint8Array))
      throw new ConclaveError('bad-request', 'body: send the picture itself, as application/octet-stream');
    await this.profiles.picture(caller.user, bytes);
  }

  @Delete('me/avatar')
  @HttpCode(204)
  @ApiNoContentResponse()
  async dropPicture(@WhoCalls() caller: Caller): Promise<void> {
    await this.profiles.dropPicture(caller.user);
  }

  @Get('people/:user')
  @ApiOkResponse({ standardSchema: Profile })
  other(@Param('user', { schema: UserId }) user: UserId): Promise<Profile> {
    return this.profiles.of(user);
  }

  /** A name stands for its bytes for ever, so a browser may keep them. */
  @Get('avatars/:hash')
  @Header('Cache-Control', 'private, max-age=31536000, immutable')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Content-Security-Policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox")
  @ApiProduces('image/webp')
  @ApiOkResponse({ content: { 'image/webp': { schema: { type: 'string', format: 'binary' } } } })
  async avatar(@Param('hash', { schema: AvatarHash }) hash: string): Promise<StreamableFile> {
    return new StreamableFile(await this.avatars.read(hash), { type: 'image/webp' });
  }
}
