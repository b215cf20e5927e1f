/** Can this JSON be read in only one way? What two libraries could read differently is no evidence. */

/** Read JSON in which no field stands twice. Throws, and says what is wrong. */
export function parse(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // What is written just as we would write it needs no second look, and that is most of what comes.
  if (JSON.stringify(value) !== text) lookForTwins(text);
  return value;
}

/** Walk over JSON that is known to be well-formed. In it a text that stands before a colon, and nothing else, is the name of a field. */
function lookForTwins(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (name !== undefined) {
      const field = JSON.parse(name) as string;
      const fields = open.at(-1);
      if (fields?.has(field)) throw new Error(`${field} stands twice in the same object: some would read the first, some the last`);
      fields?.add(field);
    }
  }
}
