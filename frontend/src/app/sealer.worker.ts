/* The sealer in a worker of its own, under the page's CSP. */
import './jitless.ts';
import '../../../libs/client/src/sealing/sealer-worker.ts';
