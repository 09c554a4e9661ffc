import { Argument, Command, CommanderError, Option } from 'commander';
import { NewAccount, ResetLink, Role, type AccountLine } from '../../../libs/protocol/src/index.ts';
import { Refused, type HostClient } from '../management/host-client.ts';
import { askConfirmation, askPassword, type Terminal } from './prompt.ts';
import { reachAccounts } from './reach.ts';

type Environment = Record<string, string | undefined>;

/** Exit codes: done; refused, with the reason on stderr; not understood; no way to the accounts. */
export const exits = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** `accounts create|list|lock|unlock|reset|role|delete` on the host itself (ACC15). Gives the exit code. */
export async function manageAccounts(args: string[], environment: Environment, terminal: Terminal): Promise<number> {
  try {
    await new Accounts(environment, terminal).program().parseAsync(args, { from: 'user' });
    return exits.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exits.done : exits.usage;
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    terminal.err(`${error.message}\n`);
    return error instanceof Refused ? exits.refused : exits.unreachable;
  }
}

class Unreachable extends Error {}

class Accounts {
  constructor(
    private readonly environment: Environment,
    private readonly terminal: Terminal,
  ) {}

  program(): Command {
    const accounts = new Command('accounts')
      .description('Manages the accounts of this server: through it while it runs, else directly on its database.')
      .exitOverride()
      .configureOutput({ writeOut: this.terminal.out, writeErr: this.terminal.err });
    const act = (name: string, description: string) => accounts.command(name).description(description);
    act('create <username>', 'makes an account; asks for its password, or reads it from stdin')
      .option('--name <display name>', 'what others see; preset: the username')
      .addOption(new Option('--role <role>').choices(Role.options).default('user'))
      .option('--link', 'no password, but a one-time link to set one')
      .action((username: string, options: { name?: string; role: string; link?: boolean }) => this.#create(username, options));
    act('list [search]', 'all accounts, or those with this in their name')
      .option('--json', 'one JSON object a line')
      .action((search: string | undefined, { json }: { json?: boolean }) => this.#list(search ?? '', json ?? false));
    act('lock <username>', 'closes an account and ends its sessions')
      .option('--reason <text>', 'for the administrators', '')
      .action((username: string, { reason }: { reason: string }) => this.#act(username, 'POST', '/lock', { reason }, 'is locked'));
    act('unlock <username>', 'opens it again, and forgives wrong guesses').action((username: string) =>
      this.#act(username, 'POST', '/unlock', undefined, 'is unlocked'),
    );
    act('reset <username>', 'makes a one-time link to set a new password').action((username: string) => this.#reset(username));
    act('role <username>', 'gives it a role; ends its sessions')
      .addArgument(new Argument('<role>').choices(Role.options))
      .action((username: string, role: string) => this.#act(username, 'PATCH', '', { role }, `has the role ${role}`));
    act('delete <username>', 'deletes it with everything that names it')
      .option('--yes', 'do not ask')
      .action((username: string, { yes }: { yes?: boolean }) => this.#delete(username, yes ?? false));
    return accounts;
  }

  async #create(username: string, { name, role, link }: { name?: string; role: string; link?: boolean }): Promise<void> {
    const request = { username, role, ...(name === undefined ? {} : { displayName: name }) };
    const password = link ? undefined : await askPassword(this.terminal);
    await this.#through(async (accounts) => {
      const made = NewAccount.parse(await accounts.call('POST', '', { ...request, ...(password === undefined ? {} : { password }) }));
      this.#say(`${made.username} was made`);
      if (made.reset) this.#sayLink(accounts, made.reset);
    });
  }

  #list(search: string, json: boolean): Promise<void> {
    return this.#through(async (accounts) => {
      for await (const account of accounts.list(search)) this.#say(json ? JSON.stringify(account) : lineOf(account));
    });
  }

  #reset(username: string): Promise<void> {
    return this.#through(async (accounts) => {
      const { id } = await accounts.find(username);
      this.#sayLink(accounts, ResetLink.parse(await accounts.call('POST', `/${id}/reset`)));
    });
  }

  async #delete(username: string, yes: boolean): Promise<void> {
    if (!yes) await askConfirmation(this.terminal, username);
    await this.#act(username, 'DELETE', '', undefined, 'is gone');
  }

  #act(username: string, method: string, path: string, body: object | undefined, outcome: string): Promise<void> {
    return this.#through(async (accounts) => {
      const account = await accounts.find(username);
      await accounts.call(method, `/${account.id}${path}`, body);
      this.#say(`${account.username} ${outcome}`);
    });
  }

  async #through(work: (accounts: HostClient) => Promise<void>): Promise<void> {
    const { client, leave } = await reachAccounts(this.environment).catch((error: unknown) => {
      throw new Unreachable(error instanceof Error ? error.message : 'the accounts cannot be reached', { cause: error });
    });
    try {
      await work(client);
    } finally {
      await leave();
    }
  }

  #sayLink(accounts: HostClient, { secret, expiresAt }: { secret: string; expiresAt: number }): void {
    const site = this.environment['PUBLIC_URL'] ?? accounts.address;
    this.#say(`Once, until ${new Date(expiresAt).toISOString()}: ${site}/#reset=${secret}`);
  }

  #say(text: string): void {
    this.terminal.out(`${text}\n`);
  }
}

function lineOf({ username, role, displayName, lockedAt, origin }: AccountLine): string {
  return [username.padEnd(20), role.padEnd(9), origin.padEnd(7), lockedAt === null ? 'open  ' : 'locked', displayName].join('  ');
}
