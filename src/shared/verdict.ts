/** What a reviewer decided about one thing that waits for a decision. */
export type Verdict = { readonly decision: "approve" } | { readonly decision: "reject"; readonly reason: string };
