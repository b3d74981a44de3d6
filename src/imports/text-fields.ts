/** Says what is wrong, and where: `columns.amount.names`. */
export type FieldFailure = (at: string, message: string) => Error;

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

/** One object of a parsed JSON text, read field by field; each must be what it is asked for as, and none may be left over. */
export class TextFields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #at: string;
  readonly #fail: FieldFailure;
  readonly #asked = new Set<string>();

  /** @param at where the object stands; empty for the whole text */
  constructor(value: unknown, at: string, fail: FieldFailure) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail(at, "must be an object: {…}");
    this.#fields = new Map(Object.entries(value));
    this.#at = at;
    this.#fail = fail;
  }

  /** The names of all fields. */
  get names(): readonly string[] {
    return [...this.#fields.keys()];
  }

  /** A field as it is; undefined where there is none. */
  value(name: string): unknown {
    this.#asked.add(name);
    return this.#fields.get(name);
  }

  text(name: string): string | undefined {
    return this.#as(name, isText, "must be a text that is not blank");
  }

  flag(name: string): boolean | undefined {
    return this.#as(name, (value): value is boolean => typeof value === "boolean", "must be true or false");
  }

  integer(name: string, least: number, most: number): number | undefined {
    const isInRange = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
    return this.#as(name, isInRange, `must be a whole number from ${least} to ${most}`);
  }

  texts(name: string): readonly string[] {
    const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
    return this.#as(name, areTexts, "must be a list of texts that are not blank") ?? [];
  }

  /** Texts by name. */
  table(name: string): ReadonlyMap<string, string> {
    const value = this.value(name);
    if (value === undefined) return new Map();
    const inner = new TextFields(value, this.at(name), this.#fail);
    return new Map(inner.names.map((key) => [key, inner.text(key)!]));
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const isChoice = (value: unknown): value is Choice => choices.some((choice) => choice === value);
    return this.#as(name, isChoice, `must be one of ${choices.join(", ")}`);
  }

  /** Refuses fields that nobody asked for: a misspelt rule would be one that is silently not followed. */
  refuseOthers(): void {
    const other = this.names.find((name) => !this.#asked.has(name));
    if (other !== undefined) throw this.#fail(this.at(other), `is not known here; known: ${[...this.#asked].join(", ")}`);
  }

  /** Where a field stands. */
  at(name: string): string {
    return this.#at === "" ? name : `${this.#at}.${name}`;
  }

  #as<Value>(name: string, isValid: (value: unknown) => value is Value, message: string): Value | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!isValid(value)) throw this.#fail(this.at(name), message);
    return value;
  }
}
