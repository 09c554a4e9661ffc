/** What stands behind `#name=` in the address: secrets travel in the fragment, which no server ever sees. */
export function secretIn(fragment: string, name: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, '')).get(name) || null;
}
