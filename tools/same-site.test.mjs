// What tools/same-site.mjs promises, on a site in miniature: `node --test tools/same-site.test.mjs`

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync, gzipSync, brotliCompressSync } from 'node:zlib'

const TOOL = join(dirname(fileURLToPath(import.meta.url)), 'same-site.mjs')
const hash = (letter) => letter.repeat(22)

/** A site as cargo-leptos leaves it: the names of `siskin` know nothing of the script's. */
function built({ order = ['memory', 'shared', 'table'], page = 'P', script = 'S' } = {}) {
  const site = mkdtempSync(join(tmpdir(), 'same-site-'))
  mkdirSync(join(site, 'pkg'))
  const names = order.join(', ')
  const chunks = [`"home":["part.${hash('H')}"]`, `"profile":["part.${hash(page)}"]`]
  const files = {
    [`siskin.${hash('J')}.js`]: `import "./__wasm_split.${hash(script)}.js"`,
    [`siskin.${hash('W')}.wasm`]: `\x00asm\xff./__wasm_split.${hash(script)}.js\xfe`,
    [`part.${hash('H')}.wasm`]: '\x00home',
    [`part.${hash(page)}.wasm`]: `\x00profile ${page}`,
    [`__wasm_split.${hash(script)}.js`]: `import "./siskin.${hash('J')}.js"
const { ${names},  } = initSync(undefined)
Object.assign(shared.x, { ${names},  })
fetch("./part.${hash('H')}.wasm"); fetch("./part.${hash(page)}.wasm")`,
    [`__wasm_split_manifest.${hash('M')}.json`]: `{${(order[0] === 'memory' ? chunks : chunks.reverse()).join(',')}}`,
  }
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text, 'latin1')
    writeFileSync(join(site, 'pkg', name), bytes)
    writeFileSync(join(site, 'pkg', `${name}.br`), brotliCompressSync(bytes))
    const packed = gzipSync(bytes)
    packed.writeUInt32LE(order[0].charCodeAt(0), 4)
    writeFileSync(join(site, 'pkg', `${name}.gz`), packed)
  }
  return site
}

/** Everything in the site, by name. */
function settled(site) {
  const run = spawnSync(process.execPath, [TOOL, site], { encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
  const found = Object.fromEntries(readdirSync(join(site, 'pkg')).map((name) => [name, readFileSync(join(site, 'pkg', name)).toString('latin1')]))
  rmSync(site, { recursive: true })
  return found
}

const named = (files, start, end) => Object.keys(files).find((name) => name.startsWith(start) && name.endsWith(end))

test('two builds of the same sources are the same bytes', () => {
  const one = settled(built())
  const other = settled(built({ order: ['table', 'memory', 'shared'], script: 'T' }))
  assert.deepEqual(one, other)
})

test('whoever names the script has another name when one page changes, and what did not change keeps its own', () => {
  const before = settled(built())
  const after = settled(built({ page: 'Q', script: 'T' }))
  for (const [start, end] of [['siskin.', '.js'], ['siskin.', '.wasm'], ['__wasm_split.', '.js'], ['__wasm_split_manifest.', '.json']]) {
    assert.notEqual(named(before, start, end), named(after, start, end), start + end)
  }
  const home = `part.${hash('H')}.wasm`
  assert.equal(before[home], after[home])
  for (const name of Object.keys(before)) if (name in after) assert.equal(before[name], after[name], name)
})

test('names lead to files, and the compressed forms hold the same', () => {
  const files = settled(built())
  const script = named(files, '__wasm_split.', '.js')
  assert.ok(files[named(files, 'siskin.', '.js')].includes(script))
  assert.ok(files[named(files, 'siskin.', '.wasm')].includes(script))
  assert.ok(files[script].includes(named(files, 'siskin.', '.js')))
  for (const [name, text] of Object.entries(files)) {
    if (/\.(br|gz)$/.test(name)) continue
    assert.equal(brotliDecompressSync(Buffer.from(files[`${name}.br`], 'latin1')).toString('latin1'), text, name)
    assert.equal(gunzipSync(Buffer.from(files[`${name}.gz`], 'latin1')).toString('latin1'), text, name)
  }
})

test('a script that is not as expected is no site to publish', () => {
  const site = built({ order: ['memory.x'] })
  assert.notEqual(spawnSync(process.execPath, [TOOL, site]).status, 0)
  rmSync(site, { recursive: true })
})
