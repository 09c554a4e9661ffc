import { ConclaveError, fromBase64url, LinkMessageBody, toBase64url, type LinkSide, type UserId } from '../../protocol/src/index.ts';
import { linkCode, linkMailbox } from './sealing/linking.ts';
import type { Identity, Sealer } from './sealing/sealer.ts';
import type { RestClient } from './server/rest-client.ts';

const lifeMs = 10 * 60_000;
const answerMs = 60_000;
const pollMs = 1_000;

export type LinkOffer = { code: string; expiresAt: number; done: Promise<void>; cancel: () => void };

/** Signed-in device: shows a code and answers the first browser of the same account that used it. */
export async function offerLink(rest: RestClient, sealer: Sealer): Promise<LinkOffer> {
  const code = linkCode();
  const mailbox = await linkMailbox(code);
  const expiresAt = Date.now() + lifeMs;
  const cancelled = new AbortController();
  const answer = async () => {
    const request = await fetchWhenThere(rest, mailbox, 'request', expiresAt, cancelled.signal);
    await put(rest, mailbox, 'answer', await sealer.answerLink(code, request));
  };
  return { code, expiresAt, done: answer(), cancel: () => cancelled.abort() };
}

/** New browser: asks with the code and takes its keys from the answer. */
export async function useLink(rest: RestClient, sealer: Sealer, code: string, user: UserId): Promise<Identity> {
  const mailbox = await linkMailbox(code);
  await put(rest, mailbox, 'request', await sealer.requestLink(code, user));
  return sealer.acceptLink(code, await fetchWhenThere(rest, mailbox, 'answer', Date.now() + answerMs, new AbortController().signal));
}

function put(rest: RestClient, mailbox: string, side: LinkSide, sealed: Uint8Array): Promise<void> {
  return rest.ask('PUT', `/api/me/links/${mailbox}/${side}`, { json: { sealed: toBase64url(sealed) } });
}

async function fetchWhenThere(
  rest: RestClient,
  mailbox: string,
  side: LinkSide,
  until: number,
  cancelled: AbortSignal,
): Promise<Uint8Array> {
  while (Date.now() < until && !cancelled.aborted) {
    try {
      const body = await rest.as('GET', `/api/me/links/${mailbox}/${side}`, LinkMessageBody);
      return fromBase64url(body.sealed);
    } catch (error) {
      if (!(error instanceof ConclaveError) || (error.code !== 'not-found' && !error.shouldRetry())) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new ConclaveError(
    'not-found',
    side === 'answer' ? 'No signed-in device answered this code. Check it and try again.' : 'The code was not used in time.',
  );
}
