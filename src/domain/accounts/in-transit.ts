import type { AccountSecrets } from "./model.ts";
import type { SealedPlace, SecretBox } from "./secret-box.ts";

/**
 * Where texts are sealed for while they are staged: nothing private is written in the clear, temporary tables included.
 */
const inTransit: SealedPlace = { memberId: 0n, accountId: 0n, field: "payee" };

/** Seals a text for its way through a staging table. */
export const sealedText = (box: SecretBox, text: string): string => box.seal(inTransit, text).toString("base64");

/** Opens what `sealedText` sealed. */
export const openedText = (box: SecretBox, sealed: string): string =>
  box.open(inTransit, box.keyId, Buffer.from(sealed, "base64"));

/**
 * Seals a number and its holder as one text: sealing is what an import of accounts spends its time on. No number has a
 * line break.
 */
export const sealedPayee = (box: SecretBox, { number, holder }: AccountSecrets): string =>
  sealedText(box, `${number}\n${holder}`);

/** Opens what `sealedPayee` sealed. */
export function openedPayee(box: SecretBox, sealed: string): AccountSecrets {
  const text = openedText(box, sealed);
  const end = text.indexOf("\n");
  return { number: text.slice(0, end), holder: text.slice(end + 1) };
}
