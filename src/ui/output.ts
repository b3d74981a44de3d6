const batchCharacters = 65_536;

/** A stream of results whose reader may be slow, or may have seen enough (`accrue order list --json | head`). */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #failure: NodeJS.ErrnoException | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => (this.#failure ??= error));
  }

  /** Why the results did not reach whoever wanted them: a full disk, say. A reader who went away is no failure. */
  get failure(): Error | undefined {
    return this.#failure?.code === "EPIPE" ? undefined : this.#failure;
  }

  /**
   * Writes, and waits for a slow reader.
   *
   * @returns false when nobody reads any more: the work goes on, its words are dropped
   */
  async write(text: string): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    if (!this.#stream.write(text)) await this.#room();
    return this.#failure === undefined;
  }

  /** Writes text after text, with never more than one batch of them in memory; ends where nobody reads any more. */
  async writeAll(texts: Iterable<string> | AsyncIterable<string>): Promise<void> {
    let batch = "";
    for await (const text of texts) {
      batch += text;
      if (batch.length < batchCharacters) continue;
      if (!(await this.write(batch))) return;
      batch = "";
    }
    if (batch !== "") await this.write(batch);
  }

  /** Resolves when everything written so far has reached the system, or cannot. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#stream.write("", () => resolve()));
  }

  /** Resolves when the stream takes more, or is gone. */
  #room(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      const settle = () => {
        stream.off("drain", settle).off("error", settle).off("close", settle);
        resolve();
      };
      stream.on("drain", settle).on("error", settle).on("close", settle);
    });
  }
}
