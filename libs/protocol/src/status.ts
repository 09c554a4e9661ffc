import * as z from 'zod';
import { StatusText } from './text.ts';

/* What a person says of whether they are there (PRES1). */

/** As a person chooses it for all their devices. `invisible`: the server tells nobody but their own devices that they are connected. */
export const ChosenStatus = z.enum(['online', 'away', 'busy', 'dnd', 'invisible']);
export type ChosenStatus = z.infer<typeof ChosenStatus>;

/** As others see a device: one whose owner chose `online` is `away` by itself while nobody touches it. */
export const Status = z.enum(['online', 'away', 'busy', 'dnd']);
export type Status = z.infer<typeof Status>;

const until = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).nullable();

/** `until`: when the words end, ms since 1970; null: they stay. */
export const OwnStatus = z.object({ status: ChosenStatus, text: z.string(), until });
export type OwnStatus = z.infer<typeof OwnStatus>;

/** PUT /api/me/status: kept with the account. `dnd` is do not disturb: nobody begins a direct conversation, nothing sounds. */
export const StatusRequest = z.strictObject({ status: ChosenStatus, text: StatusText.default(''), until: until.default(null) });
export type StatusRequest = z.input<typeof StatusRequest>;
