// Lead and trail bytes of the characters that every GBK reader decodes alike: signs, full-width forms, Chinese
// characters. The areas that GB18030 filled later are left out: there readers differ.
const areas: readonly (readonly [firstLead: number, lastLead: number, firstTrail: number, lastTrail: number])[] = [
  [0xa1, 0xa1, 0xa1, 0xfe],
  [0xa3, 0xa3, 0xa1, 0xfe],
  [0xa9, 0xa9, 0x96, 0x96], // 〇
  [0x81, 0xa0, 0x40, 0xfe],
  [0xaa, 0xfd, 0x40, 0xa0],
  [0xb0, 0xf7, 0xa1, 0xfe],
];

const privateUse = /\p{Co}/u;
const ascii = 0x7f;

let codes: ReadonlyMap<string, number> | undefined;

/** Node decodes GBK but does not encode it: this table is built by decoding. */
function codesByCharacter(): ReadonlyMap<string, number> {
  const decoder = new TextDecoder("gb18030", { fatal: true });
  const found = new Map<string, number>();
  for (const [firstLead, lastLead, firstTrail, lastTrail] of areas) {
    for (let lead = firstLead; lead <= lastLead; lead += 1) {
      for (let trail = firstTrail; trail <= lastTrail; trail += 1) {
        if (trail === ascii) continue;
        const character = decoder.decode(Uint8Array.of(lead, trail));
        if (!privateUse.test(character)) found.set(character, lead * 256 + trail);
      }
    }
  }
  return found;
}

const codeOf = (character: string): number | undefined => {
  const ownCode = character.charCodeAt(0);
  return ownCode <= ascii ? ownCode : (codes ??= codesByCharacter()).get(character);
};

/** The first character of a text that GBK does not have, or undefined when it has all of them. */
export const notInGbk = (text: string): string | undefined =>
  [...text].find((character) => codeOf(character) === undefined);

/**
 * Writes a text in GBK.
 *
 * @throws Error for a character that GBK does not have; callers check with `notInGbk` first
 */
export function encodeGbk(text: string): Buffer {
  const bytes: number[] = [];
  for (const character of text) {
    const code = codeOf(character);
    if (code === undefined) throw new Error(`GBK has no U+${character.codePointAt(0)!.toString(16).toUpperCase()}`);
    if (code > 0xff) bytes.push(code >> 8);
    bytes.push(code & 0xff);
  }
  return Buffer.from(bytes);
}
