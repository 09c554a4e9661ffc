/** The public half of MLS: what a delivery service may know of a group. Codec and checks, no secrets. */
export { applyCommit, followCommit } from './commit.ts';
export { checkPsks } from './entry-rules.ts';
export { WireError, type WireErrorCode } from './errors.ts';
export { externalSenders, openGroupInfo, publicGroup } from './group-info.ts';
export { readKeyPackage } from './key-package.ts';
export { readPrivateHeader } from './private-header.ts';
export { encodeProposals, makeRemoveProposal, readProposals, readRemoveProposal } from './proposals.ts';
export { contextHashOf, decodePublicGroup, encodePublicGroup, foundPublicGroup, leavesOf, type Founding } from './public-group.ts';
export { suite, SUITE } from './suite.ts';
export type { AppliedCommit, KeyPackageInfo, Leaf, PublicGroup } from './types.ts';
