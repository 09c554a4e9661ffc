import { putOnShelf, sharedBy, type Shared } from '../app/shelf.ts';

/** The action of the manifest's `share_target`, and the page that asks where it goes. */
const PAGE = '/share';

/** Another app, or a form of this origin, hands something over. */
export function isShare({ method, url }: Pick<Request, 'method' | 'url'>, origin: string): boolean {
  const { pathname, origin: at } = new URL(url);
  return method === 'POST' && at === origin && pathname === PAGE;
}

/** Keeps it on this device and goes to the page. Asks no network: nothing of it may reach the server open, and it works offline. */
export async function receive(request: Request, keep: (shared: Shared) => Promise<void> = putOnShelf): Promise<Response> {
  const kept = await isKept(request, keep);
  return Response.redirect(new URL(kept ? PAGE : `${PAGE}?missed=storage`, request.url), 303);
}

async function isKept(request: Request, keep: (shared: Shared) => Promise<void>): Promise<boolean> {
  try {
    const shared = sharedBy(await request.formData(), Date.now());
    if (shared) await keep(shared);
    return true;
  } catch {
    return false; // no room left, or no form: the page says that it did not come along
  }
}
