import { compare, hash } from 'bcrypt';
import { setPriority } from 'node:os';

/** The child process of passwords.service.ts. In the server's own thread pool bcrypt would take the relay's core. */
type Job = { id: number; kind: 'hash'; prehash: string; cost: number } | { id: number; kind: 'compare'; prehash: string; hash: string };

setPriority(10);
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined); // the parent decides when to end
process.on('message', (job: Job) => {
  const work = job.kind === 'hash' ? hash(job.prehash, job.cost) : compare(job.prehash, job.hash);
  work.then(
    (result) => process.send?.({ id: job.id, result }),
    () => process.send?.({ id: job.id }),
  );
});
