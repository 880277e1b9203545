/** Splits a start-up command into arguments as a shell would, with single and double quotes and backslashes. */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    const escaped = line[at + 1];
    if (character === "\\" && quote !== "'" && escaped !== undefined) {
      const literal = quote === '"' && !'"\\$`'.includes(escaped);
      word = (word ?? "") + (literal ? character + escaped : escaped);
      at++;
    } else if (quote) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
