/** A command that was typed cannot be done; `message` says why, for the person who typed it. */
export class CommandProblem extends Error {
  override name = 'CommandProblem';
}
