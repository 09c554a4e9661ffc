/** Why bytes of a group were refused. `retry` never helps with the same bytes, except after `wrong-epoch`. */
export type WireErrorCode =
  | 'too-large' // refused before decoding
  | 'malformed' // not what it claims to be, cut off, or bytes left over
  | 'unsupported' // another suite, version, proposal or content than this product speaks
  | 'wrong-group'
  | 'wrong-epoch'
  | 'bad-signature'
  | 'no-path' // a commit without fresh keys of its author
  | 'invalid-leaf' // certificate, keys or capabilities of a leaf break the rules
  | 'invalid-proposal' // a proposal that its sender may not make, or that does not fit the tree
  | 'invalid-tree' // structure, parent hash or tree hash
  | 'not-admitted' // somebody comes in whom the group's entry, or the server's admission, does not let in
  | 'group-info-mismatch'; // the group info does not say what the commit made

export class WireError extends Error {
  override name = 'WireError';
  constructor(
    readonly code: WireErrorCode,
    text: string,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}
