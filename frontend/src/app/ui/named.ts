/** A room is listed before its name is read from the disk or told by the server. Until then it is nothing one can choose. */
export function named<R extends { name: string }>(rooms: readonly R[]): R[] {
  return rooms.filter(({ name }) => name !== '');
}
