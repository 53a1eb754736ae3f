#!/usr/bin/env node
// Gives the files in target/site/pkg names that stand for their bytes: browsers keep them for ever by their names, and the same
// sources must make the same site. cargo-leptos leaves two gaps:
//
// - It hashes siskin.js, the WebAssembly and its parts before it writes the name of wasm-split's script into them. A change of
//   one page alone changes that script and its name; siskin.js would keep its own, and a browser that has it would ask for a
//   script that is gone. Here whoever names the script has it in their own name.
// - wasm-split writes names in the order of a hash map, and gzip's heads hold the time.
//
// All names stay as long as they are, because the WebAssembly holds them.
//
//   tools/same-site.mjs [target/site]

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const site = process.argv[2] ?? 'target/site'
const pkg = join(site, 'pkg')

const digest = (text) => createHash('sha256').update(text).digest('base64url').slice(0, 22)
const hashOf = (name) => /\.([\w-]{22})\.\w+$/.exec(name)[1]

/** What may name others, by its name. Latin-1 is each byte as it is. */
const files = new Map()
for (const name of readdirSync(pkg).filter((name) => /\.(js|wasm|json)$/.test(name))) files.set(name, readFileSync(join(pkg, name), 'latin1'))

/** The one file of this name, whatever the hash in it. */
function only(start) {
  const found = [...files.keys()].filter((name) => name.startsWith(start))
  if (found.length !== 1) throw new Error(`same-site: ${found.length} files ${start}… in ${pkg}`)
  return found[0]
}

/** Sorts the names between braces where the pattern finds them. */
function ordered(text, pattern) {
  if (!pattern.test(text)) throw new Error(`same-site: wasm-split's script has nothing like ${pattern}`)
  return text.replace(pattern, (_, before, names, after) => `${before}{ ${names.split(',').map((name) => name.trim()).filter(Boolean).sort().join(', ')} }${after}`)
}

const script = only('__wasm_split.')
files.set(script, ordered(ordered(files.get(script), /(const )\{([\w\s,]+)\}( = initSync)/), /(Object\.assign\([\w.]+, )\{([\w\s,]+)\}(\))/))

// The script names all others by what is in them, so its hash tells of a change in any.
const renamed = new Map([[hashOf(script), digest(files.get(script))]])
for (const [name, text] of files) if (text.includes(script)) renamed.set(hashOf(name), digest(hashOf(name) + renamed.get(hashOf(script))))
const hashes = new RegExp([...renamed.keys()].join('|'), 'g')
const rename = (text) => text.replace(hashes, (hash) => renamed.get(hash))

/** Writes a file in the place of another, and the compressed forms that the other had. */
function write(old, name, bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const forms = { '': () => bytes, '.br': () => brotliCompressSync(bytes, { params }), '.gz': () => gzipSync(bytes, { level: 9 }) }
  for (const [form, pack] of Object.entries(forms)) {
    if (!existsSync(join(pkg, old + form))) continue
    rmSync(join(pkg, old + form))
    writeFileSync(join(pkg, name + form), pack())
  }
}

const manifest = only('__wasm_split_manifest.')
for (const [old, before] of files) {
  let [name, text] = [rename(old), rename(before)]
  if (old === manifest) {
    const chunks = Object.entries(JSON.parse(text)).sort(([a], [b]) => (a < b ? -1 : 1))
    text = JSON.stringify(Object.fromEntries(chunks))
    name = old.replace(hashOf(old), digest(text))
  }
  if (name !== old || text !== before) write(old, name, Buffer.from(text, 'latin1'))
}

for (const folder of [site, pkg]) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.gz'))) {
    const bytes = readFileSync(join(folder, name))
    writeFileSync(join(folder, name), bytes.fill(0, 4, 8))
  }
}
