import { clientFaults } from './kinds/client.ts';
import { databaseFaults } from './kinds/database.ts';
import { networkFaults } from './kinds/network.ts';
import { peopleFaults } from './kinds/people.ts';
import { serverFaults } from './kinds/server.ts';
import type { Fault } from './trial.ts';

/** Every fault that the five people in Node are put through. */
export const faults: readonly Fault[] = [...serverFaults, ...databaseFaults, ...networkFaults, ...clientFaults, ...peopleFaults];
