import { recordAction } from "../../db/audit.ts";
import type { Subject } from "../approvals/subject.ts";
import { lockOpenMember } from "./lock.ts";
import { renameMember } from "./sql.ts";

/** What is proposed when a member is to have another name. */
export type NameDocument = { readonly member_no: string; readonly name: string };

/**
 * Another name of a member: money goes to whoever has it. It rests on the present one and on whether that identity was
 * verified, which it stays.
 */
export const nameSubject: Subject<NameDocument> = {
  kind: "member_name",
  proposers: ["clerk", "admin"],
  approvers: ["approver", "finance", "admin"],
  title: ({ member_no: memberNo, name }) => `member ${memberNo} is called ${name}`,
  facts: ({ name }, { was, identity_verified: isVerified }) => [
    ["name", `${was as string} → ${name}`],
    ["identity", isVerified === true ? "verified" : "not verified"],
  ],
  basis: async (tx, { member_no: memberNo }) => {
    const { name, identityVerifiedAt } = await lockOpenMember(tx, memberNo);
    return { was: name, identity_verified: identityVerifiedAt !== null };
  },
  apply: async (tx, context, { member_no: memberNo, name }, { proposalNo }) => {
    const { memberId } = await lockOpenMember(tx, memberNo);
    await renameMember(tx, memberId, name);
    const details = { proposal_no: proposalNo };
    await recordAction(tx, context, { action: "member.rename", subjectKind: "member", subject: memberNo, details });
    return { member_no: memberNo };
  },
};
