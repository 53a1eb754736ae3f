// What seeing inside costs: the same executable with metrics, JSON lines of all requests and a scraper, and without any of it.
// Both take turns, so that both see the same machine; what all rounds answered together counts, since single rounds differ by more
// than what is looked for. Only loopback, bounded in time.
//
//   node tools/bench/telemetry.mjs SISKIN

import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const [siskinPath] = process.argv.slice(2)
const HERE = dirname(fileURLToPath(import.meta.url))
/** Even, so that each comes first as often as the other. */
const ROUNDS = Number(process.env.SISKIN_BENCH_ROUNDS ?? 8)
const SECONDS = Number(process.env.SISKIN_BENCH_SECONDS ?? 4)
/** What may be lost at most. */
const MOST = 0.05

const folder = mkdtempSync(join(tmpdir(), 'siskin-telemetry-'))
const memory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : folder, 'siskin-lines-'))
const children = []

/**
 * Starts a server and waits until it is ready. Its lines go to a file in memory, where there is such a place: what whoever
 * collects them spends on reading is not counted as the server's.
 */
function serve(name, env) {
  const lines = join(memory, `${name}.log`)
  const child = spawn(siskinPath, ['serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      SISKIN_ADDR: '127.0.0.1:0',
      SISKIN_DATABASE_URL: `sqlite://${folder}/${name}.db`,
      SISKIN_THROTTLE: 'off',
      ...env,
    },
    stdio: ['ignore', openSync(lines, 'w'), 'inherit'],
  })
  children.push(child)
  return new Promise((ready, fail) => {
    const late = setTimeout(() => fail(new Error(`${name} was not ready after 20 s`)), 20_000)
    child.on('exit', (code) => fail(new Error(`${name} ended with ${code}`)))
    const look = setInterval(() => {
      const head = readFileSync(lines, 'utf8')
      const url = /ready at (http:\/\/127\.0\.0\.1:\d+)/.exec(head)?.[1]
      if (!url) return
      clearTimeout(late)
      clearInterval(look)
      ready({ url, lines, metrics: /metrics at (http:\/\/\S+?\/metrics)/.exec(head)?.[1] })
    }, 20).unref()
  })
}

async function call(url, body, token) {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** Five people with four tweets each. */
async function fill(name, site) {
  const tokens = []
  for (let person = 0; person < 5; person++) {
    const one = { username: `bench${person}`, email: `bench${person}@example.org`, password: 'measure twice, cut once' }
    await call(`${site}/api/v1/users`, one)
    const { token } = await call(`${site}/api/v1/tokens`, one)
    tokens.push(`Authorization: Bearer ${token}\n`)
    for (let tweet = 0; tweet < 4; tweet++) await call(`${site}/api/v2/tweets`, { body: `Tweet ${tweet} of a morning at the feeder. #birding` }, token)
  }
  writeFileSync(join(folder, name), tokens.join(''))
}

async function wrk(url, tokens) {
  const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c64', `-d${SECONDS}s`, ...(tokens ? ['-s', join(HERE, 'requests.lua')] : []), url], {
    env: { PATH: process.env.PATH, SISKIN_BENCH_HEADERS: join(folder, tokens ?? ''), SISKIN_BENCH_POST: tokens ? '1' : '' },
  })
  const wrong = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)
  if (wrong) throw new Error(`${url}: ${wrong[0]}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1])
}

const whole = (number) => Math.round(number).toLocaleString('en-GB')

/** Rounds in turns; who comes first alternates, too. */
async function compare(off, on, path, post) {
  const rates = []
  for (let round = 0; round < ROUNDS; round++) {
    const one = {}
    const turns = [() => wrk(off.url + path, post ? 'off' : undefined).then((rate) => (one.off = rate)), () => wrk(on.url + path, post ? 'on' : undefined).then((rate) => (one.on = rate))]
    for (const turn of round % 2 ? turns.reverse() : turns) await turn()
    rates.push(one)
  }
  const mean = (which) => rates.reduce((sum, one) => sum + one[which], 0) / ROUNDS
  const ratios = rates.map((one) => one.on / one.off).toSorted((a, b) => a - b)
  return { off: mean('off'), on: mean('on'), ratio: mean('on') / mean('off'), from: ratios[0], to: ratios[ROUNDS - 1] }
}

try {
  const off = await serve('off', { SISKIN_LOG: 'off' })
  const on = await serve('on', { SISKIN_LOG: 'info', SISKIN_LOG_FORMAT: 'json', SISKIN_METRICS_ADDR: '127.0.0.1:0' })
  await fill('off', off.url)
  await fill('on', on.url)
  const scraper = setInterval(() => fetch(on.metrics).then((answer) => answer.text()), 5000).unref()
  console.log(`## What seeing inside costs\n`)
  console.log(`Metrics, a JSON line for every request, and a scrape every 5 s, against none of it: wrk -t1 -c64, ${ROUNDS} rounds of ${SECONDS} s in turns; load ${loadavg()[0].toFixed(2)} before.\n`)
  console.log('| what | wanted | measured | kept | detail |\n|---|---|---|---|---|')
  for (const [what, path, post] of [
    ['`GET /api/v2/tweets`, 20 tweets', '/api/v2/tweets', false],
    ['home page for visitors', '/', false],
    ['durable `POST /api/v2/tweets`', '/api/v2/tweets', true],
  ]) {
    const { off: without, on: withAll, ratio, from, to } = await compare(off, on, path, post)
    const kept = ratio >= 1 - MOST
    if (!kept) process.exitCode = 1
    const percent = `${(100 * ratio).toFixed(1)} %`
    const rounds = `rounds from ${(100 * from).toFixed(0)} to ${(100 * to).toFixed(0)} %`
    console.log(`| ${what} | ≥ ${100 * (1 - MOST)} % | ${percent} | ${kept ? 'yes' : '**no**'} | ${whole(withAll)}/s of ${whole(without)}/s, ${rounds} |`)
    console.error(`${kept ? 'ok ' : 'NO '} ${what} with all telemetry: ${percent} of ${whole(without)}/s, ${rounds}`)
  }
  clearInterval(scraper)
  const text = await (await fetch(on.metrics)).text()
  const lost = Number(/^siskin_log_lines_lost_total (\d+)/m.exec(text)[1])
  console.log(`\n${whole(statSync(on.lines).size / 2 ** 20)} MiB of lines were written, ${whole(lost)} lines were lost.\n`)
} finally {
  for (const child of children) child.removeAllListeners('exit')
  for (const child of children) child.kill('SIGKILL')
  for (const made of [folder, memory]) rmSync(made, { recursive: true, force: true })
}
