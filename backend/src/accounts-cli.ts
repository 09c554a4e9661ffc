import { manageAccounts } from './host/commands.ts';

const terminal = {
  input: process.stdin,
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
};

manageAccounts(process.argv.slice(2), process.env, terminal).then(
  (code) => process.stdout.write('', () => process.exit(code)), // what is still on its way into a pipe comes first
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
