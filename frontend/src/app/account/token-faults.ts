import { ConclaveError, errorCodes } from '../../../../libs/protocol/src/errors.ts';
import { errorWords } from '../ui/error-words.ts';
import { t } from '../ui/language.ts';

/** Why another site's token was refused, for the person who came with it; what only that site's makers can mend says so. */
export function tokenFaultWords(reason: string): string {
  const code = errorCodes.find((known) => known === reason);
  if (code) return errorWords(new ConclaveError(code, ''));
  switch (reason) {
    case 'expired':
      return t('The link was open for too long and has expired. Go back and follow it again.');
    case 'used':
      return t('This link was used before. Each works once: go back and follow it again.');
    case 'revoked':
      return t('The other site has signed you out. Sign in there again.');
    case 'keys-unavailable':
      return t('The other site cannot be asked for its keys at the moment. Try again in a minute.');
    default:
      return t('The other site sent something this one does not accept ({reason}). Tell whoever runs it.', {
        reason: reason.replaceAll(/[^a-z-]/g, '').slice(0, 40),
      });
  }
}
