import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { refusedError } from "../../shared/errors.ts";
import type { Channel } from "./model.ts";

/** The one place that a sealed text belongs to. Moved to another row or field, it does not open. */
export interface SealedPlace {
  readonly memberId: bigint;
  readonly accountId: bigint;
  readonly field: "number" | "holder" | "payee";
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const algorithm = "aes-256-gcm";
const noncesDrawn = 512;

/** A key as it is used: never itself, but one key derived from it for each purpose. */
interface KeyRing {
  readonly keyId: string;
  readonly sealing: Buffer;
  readonly digesting: Buffer;
}

/** Which key this is, without telling it: the first 8 bytes of its SHA-256, in hexadecimal. */
export const keyIdOf = (key: Buffer): string => createHash("sha256").update(key).digest("hex").slice(0, 16);

const ringOf = (key: Buffer): KeyRing => ({
  keyId: keyIdOf(key),
  sealing: derived(key, "accrue payout account sealing 1"),
  digesting: derived(key, "accrue payout account digest 1"),
});

const derived = (key: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync("sha256", key, "", purpose, keyBytes));

/** Seals what is private under the present key, and opens what this or an older key at hand has sealed. */
export class SecretBox {
  readonly #present: KeyRing;
  readonly #rings: ReadonlyMap<string, KeyRing>;
  #nonces = Buffer.alloc(0);

  /**
   * @param present 32 bytes, the key that everything new is sealed under
   * @param older keys that still open what they have sealed: they are at hand while keys are changed
   */
  constructor(present: Buffer, older: readonly Buffer[] = []) {
    this.#present = ringOf(present);
    this.#rings = new Map([...older.map(ringOf), this.#present].map((ring) => [ring.keyId, ring]));
  }

  /** Which key is the present one. */
  get keyId(): string {
    return this.#present.keyId;
  }

  /** Seals a text for its place: AES-256-GCM with a random nonce of 96 bits before it and the tag after it. */
  seal(place: SealedPlace, text: string): Buffer {
    const nonce = this.#newNonce();
    const cipher = createCipheriv(algorithm, this.#present.sealing, nonce).setAAD(boundTo(place));
    return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  }

  /**
   * Opens a sealed text.
   *
   * @throws refused: `secret_key_wrong` when its key is not at hand; `account_unreadable` when it was changed or moved
   * here
   */
  open(place: SealedPlace, keyId: string, sealed: Buffer): string {
    const ring = this.#rings.get(keyId);
    if (ring === undefined) throw secretKeyWrong(keyId, this.keyId);
    try {
      const decipher = createDecipheriv(algorithm, ring.sealing, sealed.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      }).setAAD(boundTo(place));
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString(
        "utf8",
      );
    } catch {
      throw refusedError(
        "account_unreadable",
        `the ${place.field} of payout account ${place.accountId} does not open: it was changed in the database, or moved there from another account`,
        {
          hint: "close this account and add it anew; `accrue account show` shows who added it",
          details: { account_id: place.accountId },
        },
      );
    }
  }

  /** Nonces are drawn many at once: one by one, that takes as long as sealing. */
  #newNonce(): Buffer {
    if (this.#nonces.length === 0) this.#nonces = randomBytes(noncesDrawn * nonceBytes);
    const nonce = this.#nonces.subarray(0, nonceBytes);
    this.#nonces = this.#nonces.subarray(nonceBytes);
    return nonce;
  }

  /** What finds the same number in the same channel again, whoever has it: HMAC-SHA-256 under a key of its own. */
  digest(channel: Channel, number: string): Buffer {
    return createHmac("sha256", this.#present.digesting).update(`${channel}\n${number}`).digest();
  }
}

const boundTo = ({ memberId, accountId, field }: SealedPlace): Buffer =>
  Buffer.from(`accrue payout account 1\n${memberId}\n${accountId}\n${field}`);

/** The refusal of a key that is not the one at work. */
export const secretKeyWrong = (needed: string, present: string) =>
  refusedError(
    "secret_key_wrong",
    `payout accounts are sealed under key ${needed}, and the key at hand is ${present}`,
    {
      hint: "give that key (ACCRUE_SECRET_KEY or its file), or finish `accrue db rotate-key`; `accrue doctor` shows which keys are in use",
      details: { needed, present },
    },
  );
