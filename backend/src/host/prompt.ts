import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Refused } from '../management/host-client.ts';

/** What a command reads from and writes to: a terminal, a pipe, or a test. */
export type Terminal = {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  out: (text: string) => void;
  err: (text: string) => void;
};

/** Twice at a terminal, without an echo; else the first line of stdin. Never an argument: those stand in the list of processes. */
export async function askPassword({ input, err }: Terminal): Promise<string> {
  if (!input.isTTY) return (await readLine(input)).replace(/\r$/, '');
  const ask = async (question: string): Promise<string> => {
    err(question);
    const password = await readLine(input, true);
    err('\n');
    return password;
  };
  const password = await ask('Password: ');
  if (password !== (await ask('Once more: '))) throw new Refused('the two passwords differ: nothing was changed');
  return password;
}

/** Asks for the name once more before something is gone for good. */
export async function askConfirmation({ input, err }: Terminal, username: string): Promise<void> {
  if (!input.isTTY) throw new Refused('this cannot be undone: add --yes where nobody can be asked');
  err(`This cannot be undone. Type ${username} to go on: `);
  if ((await readLine(input)).trim() !== username) throw new Refused('nothing was changed');
}

async function readLine(input: NodeJS.ReadableStream & { isTTY?: boolean }, hidden = false): Promise<string> {
  const nowhere = new Writable({ write: (_, __, done) => done() });
  const lines = createInterface({ input, ...(hidden ? { output: nowhere, terminal: true } : { terminal: false }) });
  try {
    for await (const line of lines) return line;
    throw new Refused('nothing was typed');
  } finally {
    lines.close();
  }
}
