/** What an operator is there for: which commands they may run follows from it. */
export const operatorRoles = ["clerk", "approver", "finance", "admin", "auditor", "batch"] as const;

export type OperatorRole = (typeof operatorRoles)[number];

/** Whether the database vouches for who an operator is: by the login role of the session, or by no more than a name. */
export const identities = ["proven", "asserted"] as const;

export type Identity = (typeof identities)[number];
