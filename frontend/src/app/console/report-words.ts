import type { ReportReason } from '../../../../libs/protocol/src/moderation.ts';

export const reasonWords: { [R in ReportReason]: string } = {
  spam: 'Spam or flooding',
  abuse: 'Insult, threat or harassment',
  illegal: 'Something illegal',
  other: 'Something else',
};
