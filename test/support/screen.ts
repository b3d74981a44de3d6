import stringWidth from "string-width";

/**
 * What a person sees: a screen that follows the few control sequences that prompts and spinners use (carriage return,
 * cursor moves, erasing); colours are dropped. Lines that scrolled off the top are kept.
 */
export class Screen {
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  #pending = "";

  /** Takes output as it comes, cut anywhere. */
  write(piece: string): void {
    const text = this.#pending + piece;
    // An escape sequence that the cut went through waits for its rest.
    const cut = /\u001b(?:\[[\d;?]*)?$/.exec(text);
    this.#pending = cut === null ? "" : cut[0];
    const complete = cut === null ? text : text.slice(0, cut.index);
    for (const [token, parameters, final] of complete.matchAll(/\u001b\[([\d;?]*)([@-~])|\u001b[^[]|[\s\S]/gu)) {
      if (final !== undefined) this.#control(final, parameters ?? "");
      else if (!token.startsWith("\u001b")) this.#put(token);
    }
  }

  /** The screen's text, without the blanks at the ends of lines. */
  toString(): string {
    return this.#lines
      .map((cells) => cells.join("").trimEnd())
      .join("\n")
      .trimEnd();
  }

  #put(character: string): void {
    if (character === "\n") this.#moveTo(this.#row + 1, this.#column);
    else if (character === "\r") this.#column = 0;
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (character >= " ") {
      const line = this.#lines[this.#row]!;
      while (line.length < this.#column) line.push(" ");
      // A wide character fills two cells: itself and an empty one.
      for (const cell of stringWidth(character) === 2 ? [character, ""] : [character]) line[this.#column++] = cell;
    }
  }

  #control(final: string, parameters: string): void {
    const count = Math.max(1, Number.parseInt(parameters, 10) || 1);
    if (final === "A") this.#moveTo(this.#row - count, this.#column);
    else if (final === "B") this.#moveTo(this.#row + count, this.#column);
    else if (final === "C") this.#column += count;
    else if (final === "D") this.#column = Math.max(0, this.#column - count);
    else if (final === "E") this.#moveTo(this.#row + count, 0);
    else if (final === "F") this.#moveTo(this.#row - count, 0);
    else if (final === "G") this.#column = count - 1;
    else if (final === "K") this.#eraseLine(parameters);
    else if (final === "J") this.#eraseScreen(parameters);
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = column;
    while (this.#lines.length <= this.#row) this.#lines.push([]);
  }

  #eraseLine(parameters: string): void {
    if (parameters === "2") this.#lines[this.#row] = [];
    else if (parameters === "1") this.#lines[this.#row]!.fill(" ", 0, this.#column);
    else this.#lines[this.#row]!.length = Math.min(this.#lines[this.#row]!.length, this.#column);
  }

  #eraseScreen(parameters: string): void {
    if (parameters !== "" && parameters !== "0") return;
    this.#eraseLine("");
    this.#lines.length = this.#row + 1;
  }
}
