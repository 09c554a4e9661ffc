import * as z from 'zod';

// Same page, same CSP: no probing for eval. The sealer itself registers its listener when it loads.
z.config({ jitless: true });
