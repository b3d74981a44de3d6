import { passwordProblem } from "../../../domain/members/model.ts";
import type { Ui } from "../../../ui/ui.ts";

/** A password as it comes through standard input: without the one line end that `echo` adds. */
export async function passwordFromStdin(ui: Ui): Promise<string> {
  return (await ui.readStdin()).replace(/\r?\n$/, "");
}

/**
 * A member's present password: from standard input, or asked for once.
 *
 * @throws a usage error off a terminal without --password-stdin
 */
export async function presentPassword(ui: Ui, isPiped: boolean): Promise<string> {
  return isPiped ? passwordFromStdin(ui) : ui.ask({ message: "Password", masked: true }, "--password-stdin");
}

/**
 * A new password: from standard input, or asked for twice.
 *
 * @throws a usage error off a terminal without --password-stdin
 */
export async function newPassword(ui: Ui, isPiped: boolean): Promise<string> {
  if (isPiped) return passwordFromStdin(ui);
  const password = await ui.ask({ message: "New password", masked: true, check: passwordProblem }, "--password-stdin");
  await confirmPassword(ui, password);
  return password;
}

/** Asks for a password once more, until it is the same. */
export async function confirmPassword(ui: Ui, password: string): Promise<void> {
  const check = (answer: string) => (answer === password ? undefined : "this is not the same password");
  await ui.ask({ message: "The same password again", masked: true, check }, "--password-stdin");
}
