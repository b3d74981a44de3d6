import { formatInstant } from "../../shared/business-date.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import type { Proposal } from "./subject.ts";

export const proposalUnknown = (proposalNo: string): AccrueError =>
  refusedError("proposal_unknown", `there is no proposal ${proposalNo}`, {
    hint: "`accrue approval list` shows their numbers",
    details: { proposal_no: proposalNo },
  });

export const proposalDecided = ({ proposalNo, state, checker, decidedAt }: Proposal, zone: string): AccrueError =>
  refusedError(
    "proposal_already_decided",
    `proposal ${proposalNo} is ${state} already${checker === null ? "" : `, by ${checker}`}, since ${formatInstant(decidedAt!, zone)}`,
    {
      hint: "nothing was changed; `accrue approval show` tells its story",
      details: { proposal_no: proposalNo, status: state, decided_by: checker },
    },
  );

export const proposalExpired = ({ proposalNo, expiresAt }: Proposal, zone: string): AccrueError =>
  refusedError("proposal_expired", `proposal ${proposalNo} waited until ${formatInstant(expiresAt, zone)} only`, {
    hint: "nothing was changed; what is still wanted is proposed anew",
    details: { proposal_no: proposalNo, expires_at: expiresAt },
  });

export const makerIsChecker = ({ proposalNo, maker }: Proposal): AccrueError =>
  refusedError("maker_is_checker", `proposal ${proposalNo} is ${maker}'s own, who cannot decide about it too`, {
    hint: "another operator has to decide (--operator says who is at work); `accrue approval withdraw` takes your own back",
    details: { proposal_no: proposalNo },
  });

export const proposalNotOwn = ({ proposalNo, maker }: Proposal): AccrueError =>
  refusedError("proposal_not_own", `proposal ${proposalNo} is ${maker}'s, and only ${maker} can take it back`, {
    hint: "`accrue approval reject` is for the others",
    details: { proposal_no: proposalNo, proposed_by: maker },
  });

export const proposalAltered = ({ proposalNo }: Proposal): AccrueError =>
  refusedError("proposal_altered", `proposal ${proposalNo} is not what was proposed: its digest is another`, {
    hint: "nothing was changed; somebody wrote into the database past its guards: run `accrue verify`",
    details: { proposal_no: proposalNo },
  });

/**
 * The refusal of what was proposed on another ground than there is now.
 *
 * @param shown both grounds, masked
 */
export const proposalStale = (
  { proposalNo, basis }: Proposal,
  present: Proposal["basis"],
  shown: { readonly was: Proposal["basis"]; readonly is: Proposal["basis"] },
): AccrueError => {
  const changed = [...new Set([...Object.keys(basis), ...Object.keys(present)])].filter(
    (key) => JSON.stringify(basis[key]) !== JSON.stringify(present[key]),
  );
  return refusedError(
    "proposal_stale",
    `what proposal ${proposalNo} rests on has changed since it was made: ${changed.map((key) => key.replaceAll("_", " ")).join(", ")}`,
    {
      hint: "nothing was changed; reject it, and have what is still wanted proposed anew",
      details: { proposal_no: proposalNo, changed, ...shown },
    },
  );
};
