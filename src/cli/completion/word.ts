/** The command that the shells' scripts ask what they may offer. The help does not list it. */
export const completionWord = "__complete";
