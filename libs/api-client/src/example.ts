import { connect } from './index.ts';

/** Locks everybody whose name begins with `prefix`; gives their usernames. */
export async function lockAll(address: string, token: string, prefix: string): Promise<string[]> {
  const api = connect(address, token);
  const { data, error } = await api.GET('/api/admin/accounts', { params: { query: { q: prefix, limit: 200 } } });
  if (error) throw new Error(error.text);
  const found = data.accounts.filter(({ username }) => username.startsWith(prefix));
  for (const { id } of found) {
    const locked = await api.POST('/api/admin/accounts/{user}/lock', {
      params: { path: { user: id } },
      body: { reason: 'left the house' },
    });
    if (locked.error) throw new Error(locked.error.text);
  }
  return found.map(({ username }) => username);
}
