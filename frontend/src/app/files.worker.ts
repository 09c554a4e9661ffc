/* The keeper of files in a worker of its own, under the page's CSP. */
import './jitless.ts';
import '../../../libs/client/src/files/files-worker.ts';
