/** Shown in place of a database's address that is no URL, for it may contain a password anywhere. */
export const hiddenAddress = "(hidden: it is no postgres:// URL)";

/**
 * A database's address fit for a screen or a log: a URL without its passwords; of anything else, a `password=…` string
 * of libpq's or a slip of the pen, nothing.
 */
export function maskUrl(text: string): string {
  const [, start, rest] = /^(postgres(?:ql)?:\/\/)(.*)$/is.exec(text) ?? [];
  if (start === undefined || rest === undefined) return hiddenAddress;
  // The last @ ends the password: one that holds a /, ? or # unescaped would else be shown from there on.
  const address = rest.replace(/^([^:@/?#]*):.*@/s, "$1:***@");
  return (
    start +
    address.replaceAll(/([?&])([^=?&#]*)=[^&#]*/g, (pair, mark: string, name: string) =>
      isSecret(name) ? `${mark}${name}=***` : pair,
    )
  );
}

/** `password`, `sslpassword`, however they are escaped. */
const isSecret = (name: string): boolean => {
  try {
    return /password$/i.test(decodeURIComponent(name));
  } catch {
    return true;
  }
};
