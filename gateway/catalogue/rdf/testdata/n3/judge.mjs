// Reads a list of documents from standard input, as JSON, and prints what
// N3.js makes of each: its N-Quads, or null where it refuses it.
import fs from 'node:fs';
import { Parser, Writer } from 'n3';

const writer = new Writer({ format: 'application/n-quads' });
const answers = JSON.parse(fs.readFileSync(0, 'utf8')).map(({ format, base, text }) => {
  try {
    return writer.quadsToString(new Parser({ format, baseIRI: base }).parse(text));
  } catch {
    return null;
  }
});
console.log(JSON.stringify(answers));
