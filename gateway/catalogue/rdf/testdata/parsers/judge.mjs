// Reads documents and JSON-LD contexts from standard input, as JSON, and
// prints what the parser for the format makes of each: its N-Quads, or null
// with the reason where it refuses it. No context is fetched.
import fs from 'node:fs';
import { Parser, Writer } from 'n3';
import { RdfXmlParser } from 'rdfxml-streaming-parser';
import jsonld from 'jsonld';

const { documents, contexts } = JSON.parse(fs.readFileSync(0, 'utf8'));
const writer = new Writer({ format: 'application/n-quads' });

const documentLoader = async (url) => {
  if (!(url in contexts)) throw new Error(`unknown context ${url}`);
  return { documentUrl: url, contextUrl: null, document: JSON.parse(contexts[url]) };
};

const parsers = {
  turtle: async ({ base, text }) => writer.quadsToString(new Parser({ format: 'text/turtle', baseIRI: base }).parse(text)),
  rdfxml: ({ base, text }) => new Promise((resolve, reject) => {
    const quads = [];
    const parser = new RdfXmlParser({ baseIRI: base });
    parser.on('data', (quad) => quads.push(quad)).on('error', reject).on('end', () => resolve(writer.quadsToString(quads)));
    parser.end(text);
  }),
  jsonld: async ({ base, text }) => jsonld.toRDF(JSON.parse(text), { base, documentLoader, format: 'application/n-quads' }),
};

const answers = [];
for (const d of documents) {
  try {
    answers.push({ quads: await parsers[d.format](d) });
  } catch (error) {
    answers.push({ quads: null, reason: String(error.message ?? error) });
  }
}
console.log(JSON.stringify(answers));
