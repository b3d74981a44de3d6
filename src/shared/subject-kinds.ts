/** Everything that one operator proposes and another approves: the kinds of proposals. */
export const subjectKinds = ["policy"] as const;

export type SubjectKind = (typeof subjectKinds)[number];
