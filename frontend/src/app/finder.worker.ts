/* The search's scanning in a worker of its own, under the page's CSP. */
import '../../../libs/client/src/search/finder-worker.ts';
