import { model } from './model.ts';
import { doors, outboundCap } from './probes/doors.ts';
import { ghost } from './probes/ghost.ts';
import { held } from './probes/held.ts';

/** Questions to a tree for what no audit of transcripts can see. Each answers with what is wrong; an empty list when nothing is. */
export const probes: Record<string, (seed: number) => Promise<string[]>> = { doors, outboundCap, ghost, held, model };
