/** What JSON can hold. Numbers are integers here; what may be larger than 2^53 (amounts, ids) is text. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object of JSON. */
export type JsonObject = { readonly [key: string]: JsonValue };
