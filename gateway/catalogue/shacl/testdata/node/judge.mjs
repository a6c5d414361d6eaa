// Judges graphs by shapes with two engines that are not ours, and says what they found: one line for each
// result, "focus path component severity". Standard input is a list of {sets, data, rounds}, graphs as
// lists of triples of terms; a term is [kind, value, datatype, language].
import factory from '@rdfjs/data-model'
import rdfDataset from '@rdfjs/dataset'
import SHACLValidator from 'rdf-validate-shacl'
import { Validator } from 'shacl-engine'

const sh = 'http://www.w3.org/ns/shacl#'
const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'

function term ([kind, value, datatype, language]) {
  switch (kind) {
    case 1: return factory.namedNode(value)
    case 2: return factory.blankNode(value)
    default: return factory.literal(value, language || factory.namedNode(datatype))
  }
}

function dataset (triples) {
  const out = rdfDataset.dataset()
  for (const [s, p, o] of triples) out.add(factory.quad(term(s), term(p), term(o)))
  return out
}

const objects = (graph, s, name) => [...graph.match(s, factory.namedNode(name))].map(q => q.object)

function path (graph, node) {
  if (!node) return '-'
  if (node.termType === 'NamedNode') return `<${node.value}>`
  const list = node => {
    const out = []
    while (node && node.value !== rdf + 'nil') {
      out.push(path(graph, objects(graph, node, rdf + 'first')[0]))
      node = objects(graph, node, rdf + 'rest')[0]
    }
    return out
  }
  if (objects(graph, node, rdf + 'first').length) return '(' + list(node).join('/') + ')'
  for (const [name, write] of [
    ['inversePath', n => '^' + path(graph, n)],
    ['alternativePath', n => '(' + list(n).join('|') + ')'],
    ['zeroOrMorePath', n => path(graph, n) + '*'],
    ['oneOrMorePath', n => path(graph, n) + '+'],
    ['zeroOrOnePath', n => path(graph, n) + '?']
  ]) {
    const inner = objects(graph, node, sh + name)[0]
    if (inner) return write(inner)
  }
  return '?'
}

function lines (graph) {
  const out = []
  for (const { object: node } of graph.match(null, factory.namedNode(sh + 'result'))) {
    const one = name => objects(graph, node, sh + name)[0]
    const focus = one('focusNode')
    out.push([
      (focus.termType === 'BlankNode' ? '_:' : '') + focus.value, path(graph, one('resultPath')),
      one('sourceConstraintComponent').value.slice(sh.length), one('resultSeverity').value.slice(sh.length)
    ].join(' '))
  }
  return out.sort()
}

const engines = {
  'rdf-validate-shacl': shapes => {
    const v = new SHACLValidator(shapes, { importGraph: () => rdfDataset.dataset() }) // nothing is fetched
    return async data => (await v.validate(data)).dataset
  },
  'shacl-engine': shapes => {
    const v = new Validator(shapes, { factory: { ...methods(factory), dataset: rdfDataset.dataset } })
    return async data => (await v.validate({ dataset: data })).dataset
  }
}

function methods (f) {
  const out = {}
  for (const name of ['namedNode', 'blankNode', 'literal', 'quad', 'defaultGraph', 'variable']) out[name] = f[name].bind(f)
  return out
}

let text = ''
for await (const chunk of process.stdin) text += chunk
const answers = []
for (const question of JSON.parse(text)) answers.push(await ask(question))
process.stdout.write(JSON.stringify(answers))

async function ask (input) {
  const answer = {}
  for (const [name, make] of Object.entries(engines)) {
    answer[name] = { results: {}, micros: 0 }
    for (const [set, shapes] of Object.entries(input.sets)) {
      const validate = make(dataset(shapes))
      answer[name].results[set] = {}
      for (const [file, triples] of Object.entries(input.data)) {
        const data = dataset(triples)
        try {
          answer[name].results[set][file] = lines(await validate(data))
        } catch (e) {
          answer[name].results[set][file] = ['gave up: ' + e.message]
          continue
        }
        if (input.rounds) {
          for (let i = 0; i < input.rounds; i++) await validate(data) // warm
          let best = Infinity // of many short measurements: others use this machine too
          for (let i = 0; i < input.rounds; i++) {
            const start = process.hrtime.bigint()
            await validate(data)
            best = Math.min(best, Number(process.hrtime.bigint() - start))
          }
          answer[name].micros = best / 1000
        }
      }
    }
  }
  return answer
}
