/** What operators may be: each subject of a proposal names those that may propose it, and those that may approve it. */
export const operatorRoles = ["clerk", "approver", "finance", "admin", "auditor", "batch"] as const;

export type OperatorRole = (typeof operatorRoles)[number];
