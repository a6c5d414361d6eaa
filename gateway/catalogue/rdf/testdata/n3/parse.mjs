// Parses the file given first, of the media type given second, three times and
// prints the number of triples and the seconds of the fastest pass.
import fs from 'node:fs';
import { Parser } from 'n3';

const text = fs.readFileSync(process.argv[2], 'utf8');
let best = Infinity, triples = 0;
for (let i = 0; i < 3; i++) {
  const start = performance.now();
  let n = 0;
  await new Promise((resolve, reject) => new Parser({ format: process.argv[3] }).parse(text, (error, quad) => {
    if (error) reject(error); else if (quad) n++; else resolve();
  }));
  best = Math.min(best, (performance.now() - start) / 1000);
  triples = n;
}
console.log(JSON.stringify({ triples, seconds: best }));
