import * as z from 'zod';

/** What the two ends of a link tell each other through a signaler. `to` is null in the first message of a session. */
const Signal = z.object({
  from: z.string().max(32),
  to: z.string().max(32).nullable(),
  description: z.object({ type: z.enum(['offer', 'answer', 'pranswer', 'rollback']), sdp: z.string() }).optional(),
  candidates: z
    .array(
      z.object({
        candidate: z.string().max(1024),
        sdpMid: z.string().max(64).nullish(),
        sdpMLineIndex: z.number().int().nullish(),
        usernameFragment: z.string().max(256).nullish(),
      }),
    )
    .max(64)
    .optional(),
});
export type Signal = z.infer<typeof Signal>;

/** Null when it is no signal of ours: another version, or rubbish. */
export function parseSignal(data: string): Signal | null {
  try {
    return Signal.parse(JSON.parse(data));
  } catch {
    return null; // from whom the server let through; a link that fails to form shows it
  }
}
