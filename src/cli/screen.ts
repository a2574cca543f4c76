import { shown, shownLines, shownSentence } from '../core/index.js';

/**
 * The one way to a terminal: nothing that comes from elsewhere is obeyed by it, only what `draw`
 * and `clear` add.
 */
export interface Screen {
  readonly isTTY: boolean;
  /**
   * A sentence or a table. Further lines of a sentence are indented, so that no text can pass for
   * one of ours.
   */
  say(text: string): void;
  /** Text whose lines stand by themselves. `done` is called when it is written, or cannot be. */
  write(text: string, done?: (error?: Error | null) => void): void;
  /** Puts a line in the place of the one drawn before. */
  draw(line: string): void;
  /** Takes the drawn line away. */
  clear(): void;
}

/** A screen on a stream as it is now, whatever the user's code does to the stream itself. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  const write = stream.write.bind(stream);
  let isDrawn = false;
  return {
    isTTY: stream.isTTY === true,
    say: (text) => void write(`${shownSentence(text)}\n`),
    write: (text, done) => void write(shownLines(text), done),
    draw: (line) => {
      write(`\r${shown(line).slice(0, (stream.columns || 80) - 1)}\u001b[K`);
      isDrawn = true;
    },
    clear: () => {
      if (isDrawn) write('\r\u001b[K');
      isDrawn = false;
    },
  };
}
