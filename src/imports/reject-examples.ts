/** A rejected row as reports show it. */
export interface RejectExample {
  readonly line: number;
  readonly column: string | undefined;
  readonly message: string;
}

const maxExamples = 5;
const maxReasonsShown = 10;

/** A few rejects for the eye: the first of each reason, so that the commonest does not hide the others, then the first of all. */
export class RejectExamples {
  readonly #firstOf = new Map<string, RejectExample>();
  readonly #further: RejectExample[] = [];

  /** Takes one more, which stands behind those before in the file. */
  add(code: string, example: RejectExample): void {
    if (!this.#firstOf.has(code)) {
      if (this.#firstOf.size < maxReasonsShown) this.#firstOf.set(code, example);
    } else if (this.#further.length < maxExamples) this.#further.push(example);
  }

  /** In the order of the file. */
  get list(): readonly RejectExample[] {
    const firsts = [...this.#firstOf.values()];
    return [...firsts, ...this.#further.slice(0, Math.max(0, maxExamples - firsts.length))].toSorted((one, other) => one.line - other.line);
  }
}
