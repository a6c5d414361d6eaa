// Judges tokens with the npm library jose, apart from this project's own reader. Standard input:
// {keys, tokens: [{name, typ, compact}]}; standard output: [{name, ok, thumbprints, error}].
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet } from 'jose'

let text = ''
for await (const chunk of process.stdin) text += chunk
const { keys, tokens } = JSON.parse(text)

const results = []
for (const { name, typ, compact } of tokens) {
  try {
    const { protectedHeader, payload } = await compactVerify(compact, createLocalJWKSet(keys), {
      algorithms: ['Ed25519', 'EdDSA', 'ES256'],
    })
    if (protectedHeader.typ !== typ) throw new Error(`typ is ${protectedHeader.typ}`)
    JSON.parse(new TextDecoder().decode(payload))
    results.push({ name, ok: true })
  } catch (error) {
    results.push({ name, ok: false, error: error.code ?? error.message })
  }
}
const thumbprints = await Promise.all(keys.keys.map((key) => calculateJwkThumbprint(key)))
process.stdout.write(JSON.stringify({ results, thumbprints }))
