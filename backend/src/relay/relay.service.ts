import { Inject, Injectable, Logger } from '@nestjs/common';
import { ConclaveError, encodeRelayed, type Submission } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { GroupStore } from '../groups/group-store.ts';
import { framed, type Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { Passage } from '../rooms/passage.service.ts';
import { Floods } from './floods.service.ts';
import { Hold } from './hold.service.ts';
import { enter, type Place } from './lanes.ts';
import { examine, refuse, tellRefused, tellResubmit, type Accepted } from './submission.ts';

const OFF_MS = 60_000;

/** Carries sealed envelopes: on at once to whoever is there, and stored for everybody until they acknowledge (delivery.md D3, D4). */
@Injectable()
export class Relay {
  readonly #logger = new Logger(Relay.name);

  // One more than five: what an envelope meets on its way.
  constructor(
    private readonly groups: GroupStore,
    private readonly presence: Presence,
    private readonly hold: Hold,
    private readonly passage: Passage,
    private readonly floods: Floods,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async accept(connection: Connection, submission: Submission): Promise<void> {
    const { room, n } = submission;
    if (!connection.rooms.has(room)) return tellRefused({ connection, room, n }, 'not-member', 'join the room first');
    const place = enter(connection, room, n);
    if (!place) return tellResubmit({ connection, room, n });
    try {
      this.#requireAllowed(place);
      await this.passage.require(room);
      const accepted = examine(submission, place, await this.groups.of(room));
      // While the group was looked up an earlier one may have been refused.
      if (!place.due) return tellResubmit(place);
      this.#forward(accepted);
      this.hold.add(accepted);
    } catch (error) {
      if (!(error instanceof ConclaveError)) this.#logger.error(error);
      // Whatever went wrong, this number is answered: its author would wait for it for ever.
      refuse(
        place,
        error instanceof ConclaveError ? error : new ConclaveError('internal', 'something went wrong here; it was logged', 1_000),
      );
    }
  }

  #requireAllowed({ connection, room }: Place): void {
    if (!this.config.relay)
      throw new ConclaveError('unavailable', 'this server carries no messages: they go from browser to browser', OFF_MS);
    const wait = connection.envelopes.take();
    if (wait > 0) throw new ConclaveError('slow-down', 'too many messages at once: go on in a moment', wait);
    const flood = this.floods.take(connection.speaker!.user, room);
    if (flood > 0)
      throw new ConclaveError(
        'slow-down',
        'too many messages to this room in too short a time: go on when it has calmed down',
        flood,
        'flood',
      );
    if (this.hold.isFull) throw new ConclaveError('slow-down', 'the server is busy: go on in a moment', 1_000);
  }

  /** Encoded once; stored for those who are here as well, since a socket can look alive long after its network is gone. */
  #forward({ place, author, at, ciphertext, recipients }: Accepted): void {
    const encoded = framed(encodeRelayed({ room: place.room, author, at, ciphertext }), true);
    for (const device of recipients) this.presence.inRoom(place.room, device)?.tellEncoded(encoded);
  }
}
