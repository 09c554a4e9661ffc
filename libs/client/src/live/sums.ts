import type { Delivery } from '../delivery/delivery.ts';
import type { ServerSocket } from '../server/socket.ts';

/** How often the sums for the operators' plots are handed in (MOD4). */
const sumsMs = 60_000;
const sumMax = 100_000;

/** How many copies went directly, and how many by the relay: sums only, of all rooms, for the operators' plots. Returns the way to stop. */
export function countCopies(delivery: Delivery, socket: ServerSocket): () => void {
  let direct = 0;
  let relayed = 0;
  const stops = [
    delivery.on('acknowledged', ({ devices }) => (direct += devices.length)),
    delivery.on('held', ({ devices }) => (relayed += devices.length)),
  ];
  const timer = setInterval(() => {
    if (direct + relayed === 0) return;
    if (socket.send({ type: 'sums', direct: Math.min(direct, sumMax), relayed: Math.min(relayed, sumMax) })) direct = relayed = 0;
  }, sumsMs);
  return () => {
    stops.forEach((stop) => stop());
    clearInterval(timer);
  };
}
