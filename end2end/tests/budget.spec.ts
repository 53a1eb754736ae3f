import { writeFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import { get } from 'node:http'
import { expect, open, test } from '../fixtures/test'

const LIMIT = 200_000

/** What travels for this address to a browser that takes brotli. */
function brotliBytes(url: string): Promise<number> {
  return new Promise((done, fail) => {
    get(url, { headers: { 'accept-encoding': 'br' } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        const whole = Buffer.concat(parts)
        if (answer.headers['content-encoding'] !== 'br') fail(new Error(`${url} is not sent with brotli`))
        else if (brotliDecompressSync(whole).length === 0) fail(new Error(`${url} is empty`))
        else done(whole.length)
      })
    }).on('error', fail)
  })
}

test(`WebAssembly and JavaScript of the first page are at most ${LIMIT / 1000} KB with brotli`, async ({ page, ana }, info) => {
  await ana.tweets('weigh me')
  await ana.signsIn(page)
  const files = new Set<string>()
  page.on('response', (response) => {
    if (/\.(js|wasm)$/.test(new URL(response.url()).pathname)) files.add(response.url())
  })
  await open(page, '/')
  await page.waitForLoadState('load')
  const sizes: [string, number][] = []
  for (const url of files) sizes.push([new URL(url).pathname, await brotliBytes(url)])
  const sum = sizes.reduce((total, [, size]) => total + size, 0)
  const table = [...sizes, ['in all', sum]].map(([file, size]) => `${String(size).padStart(8)}  ${file}`).join('\n')
  console.log(`first page, brotli:\n${table}`)
  await info.attach('first-page.txt', { body: table })
  writeFileSync('../target/first-page.txt', table)
  expect(files.size).toBeGreaterThanOrEqual(2)
  expect(sum).toBeLessThanOrEqual(LIMIT)
})
