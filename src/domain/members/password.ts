import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";

/**
 * The cost parameters of scrypt: N = 2^ln, block size r, parallelism p. Stored with each hash, so they can be raised
 * later.
 */
interface Parameters {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface StoredHash extends Parameters {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/**
 * The minimum that OWASP's Password Storage Cheat Sheet asks of scrypt: N = 2^17, r = 8, p = 1. That takes 128 MiB and
 * about half a second a guess.
 */
const present: Parameters = { ln: 17, r: 8, p: 1 };
const saltBytes = 16;
const hashBytes = 32;

const phcPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Hashes a password with a salt of its own.
 *
 * @returns a PHC string with all that a verification needs: `$scrypt$ln=17,r=8,p=1$salt$hash`
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, present, hashBytes);
  return `$scrypt$ln=${present.ln},r=${present.r},p=${present.p}$${base64(salt)}$${base64(hash)}`;
}

/**
 * Whether a password is the one that was hashed. Uses the hash's own parameters, and compares in constant time.
 *
 * @param stored null for a member without a password: takes the same time, and is never right
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const known = stored === null ? undefined : parse(stored);
  const { salt, hash, ...parameters } = known ?? {
    ...present,
    salt: Buffer.alloc(saltBytes),
    hash: Buffer.alloc(hashBytes),
  };
  const derived = await derive(password, salt, parameters, hash.length);
  return timingSafeEqual(derived, hash) && known !== undefined;
}

/** Whether a stored hash has other parameters than new ones, and should be made again when the password is known. */
export function isOutdated(stored: string): boolean {
  const { ln, r, p } = parse(stored);
  return ln !== present.ln || r !== present.r || p !== present.p;
}

function parse(stored: string): StoredHash {
  const match = phcPattern.exec(stored);
  const [ln, r, p] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  const salt = Buffer.from(match?.[4] ?? "", "base64");
  const hash = Buffer.from(match?.[5] ?? "", "base64");
  const isUsable =
    match !== null &&
    ln >= 10 &&
    ln <= 20 &&
    r >= 1 &&
    r <= 32 &&
    p >= 1 &&
    p <= 16 &&
    salt.length >= 8 &&
    hash.length >= 16;
  if (!isUsable) throw new Error("a stored password hash is not in the form $scrypt$ln=…,r=…,p=…$salt$hash");
  return { ln, r, p, salt, hash };
}

function derive(password: string, salt: Buffer, { ln, r, p }: Parameters, lengthBytes: number): Promise<Buffer> {
  const cost = 2 ** ln;
  const options: ScryptOptions = { N: cost, r, p, maxmem: 128 * r * (cost + p + 2) };
  return new Promise((resolve, reject) => {
    // The same password typed with another input method has to give the same bytes.
    scrypt(password.normalize("NFKC"), salt, lengthBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

const base64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");
