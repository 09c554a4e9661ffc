import { localFinder } from './finder.ts';
import { answerFinderCalls } from './finder-calls.ts';

/* Entry of the search's worker. It holds folded words in memory only, and can reach neither keys nor what is stored. */
answerFinderCalls(globalThis, localFinder());
