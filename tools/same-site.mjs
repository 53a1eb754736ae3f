#!/usr/bin/env node
// Takes out of target/site what differs from build to build although the sources are the same: the time in the heads of
// gzip's files, and the order in which wasm-split writes names (that of a hash map) into its script and its manifest, whose
// names have a hash of it. The new names are as long as the old ones, because the WebAssembly names the script.
//
//   tools/same-site.mjs [target/site]

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const site = process.argv[2] ?? 'target/site'
const pkg = join(site, 'pkg')

/** The one file of this name, whatever the hash in it. */
function only(start, end) {
  const found = readdirSync(pkg).filter((name) => name.startsWith(start) && name.endsWith(end))
  if (found.length !== 1) throw new Error(`same-site: ${found.length} files ${start}…${end} in ${pkg}`)
  return found[0]
}

/** Writes a file and its compressed forms, if it has such. */
function write(name, bytes) {
  const path = join(pkg, name)
  writeFileSync(path, bytes)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  if (existsSync(`${path}.br`)) writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
  if (existsSync(`${path}.gz`)) writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}

/** Gives a file what it should hold, and the name that follows from it: from `start.OLD.end` to `start.NEW.end`. */
function settle(old, text) {
  const [start, hash, end] = old.split('.')
  const name = [start, createHash('sha256').update(text).digest('base64url').slice(0, hash.length), end].join('.')
  for (const form of ['', '.br', '.gz']) if (existsSync(join(pkg, old + form))) renameSync(join(pkg, old + form), join(pkg, name + form))
  write(name, Buffer.from(text))
  return name
}

const sorted = (names) => names.split(',').map((name) => name.trim()).filter(Boolean).sort().join(', ')

const manifest = only('__wasm_split_manifest.', '.json')
const chunks = Object.entries(JSON.parse(readFileSync(join(pkg, manifest), 'utf8')))
settle(manifest, JSON.stringify(Object.fromEntries(chunks.sort(([a], [b]) => (a < b ? -1 : 1)))))

const script = only('__wasm_split.', '.js')
const text = readFileSync(join(pkg, script), 'utf8')
  .replace(/const \{([\w\s,]+)\} = initSync/g, (_, names) => `const { ${sorted(names)} } = initSync`)
  .replace(/(Object\.assign\([\w.]+, )\{([\w\s,]+)\}/g, (_, head, names) => `${head}{ ${sorted(names)} }`)
const renamed = settle(script, text)
for (const name of readdirSync(pkg)) {
  if (!/\.(js|wasm)$/.test(name)) continue
  // Latin-1 is each byte as it is.
  const bytes = readFileSync(join(pkg, name), 'latin1')
  if (bytes.includes(script)) write(name, Buffer.from(bytes.replaceAll(script, renamed), 'latin1'))
}

for (const folder of [site, pkg]) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.gz'))) {
    const bytes = readFileSync(join(folder, name))
    writeFileSync(join(folder, name), bytes.fill(0, 4, 8))
  }
}
