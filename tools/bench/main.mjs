// Measures Siskin against raw axum in one run and prints a table in Markdown.
// Baseline and subject take turns, so that both see the same machine. Only loopback, bounded in time.
//
//   node tools/bench/main.mjs SISKIN BASELINE [FIRST_PAGE_FILE]

import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const [siskinPath, baselinePath, firstPage] = process.argv.slice(2)
const HERE = dirname(fileURLToPath(import.meta.url))
const ROUNDS = Number(process.env.SISKIN_BENCH_ROUNDS ?? 3)
const SECONDS = Number(process.env.SISKIN_BENCH_SECONDS ?? 5)
const PEOPLE = 20
const PASSWORD = 'measure twice, cut once'

const folder = mkdtempSync(join(tmpdir(), 'siskin-bench-'))
const children = []

/** Starts a program and waits for the line that holds its address. */
function start(program, args, env = {}) {
  const begun = process.hrtime.bigint()
  const child = spawn(program, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((ready, fail) => {
    const late = setTimeout(() => fail(new Error(`${program} was not ready after 20 s`)), 20_000)
    child.on('exit', (code) => fail(new Error(`${program} ended with ${code} before it was ready`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /ready at (http:\/\/127\.0\.0\.1:\d+)/.exec(line)
      if (!found) return
      clearTimeout(late)
      ready({ child, url: found[1], ms: Number(process.hrtime.bigint() - begun) / 1e6 })
    })
  })
}

function stop({ child }) {
  return new Promise((done) => {
    child.on('exit', done)
    child.kill('SIGTERM')
  })
}

const serve = (name = 'siskin') =>
  start(siskinPath, ['serve'], {
    SISKIN_ADDR: '127.0.0.1:0',
    SISKIN_DATABASE_URL: `sqlite://${folder}/${name}.db`,
    SISKIN_THROTTLE: 'off',
    SISKIN_LOG: 'warn',
  })

async function call(url, method, body, token) {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body && JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** People with tokens and sessions; and what they tweeted. */
async function fill(site) {
  const tokens = []
  const cookies = []
  for (let i = 0; i < PEOPLE; i++) {
    const username = `bench${i}`
    await call(`${site}/api/v1/users`, 'POST', { username, email: `${username}@example.org`, password: PASSWORD, name: `Bench Person ${i}` })
    const { token } = await call(`${site}/api/v1/tokens`, 'POST', { username, password: PASSWORD })
    tokens.push(token)
    const answer = await fetch(`${site}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: site, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ username, password: PASSWORD }),
    })
    const cookie = answer.headers.getSetCookie().find((one) => /session/i.test(one))
    if (answer.status !== 303 || !cookie) throw new Error(`POST /login: ${answer.status}, no session`)
    cookies.push(cookie.split(';')[0])
    await call(`${site}/api/v2/tweets`, 'POST', { body: `A siskin at the feeder, and @bench${(i + 1) % PEOPLE} saw it too. It is number ${i} today. #birding` }, token)
  }
  writeFileSync(join(folder, 'tokens'), tokens.map((token) => `Authorization: Bearer ${token}\n`).join(''))
  writeFileSync(join(folder, 'cookies'), cookies.map((cookie) => `Cookie: ${cookie}\n`).join(''))
}

/** One run of wrk: requests a second, and the 99th percentile. */
async function wrk(url, { connections = 64, headers = '', post = false } = {}) {
  const { stdout } = await promisify(execFile)(
    'wrk',
    ['-t1', `-c${connections}`, `-d${SECONDS}s`, '--latency', ...(headers ? ['-s', join(HERE, 'requests.lua')] : []), url],
    { env: { PATH: process.env.PATH, SISKIN_BENCH_HEADERS: join(folder, headers), SISKIN_BENCH_POST: post ? '1' : '' } },
  )
  const wrong = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)
  if (wrong) throw new Error(`${url}: ${wrong[0]}`)
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]), p99: /^\s+99%\s+(\S+)/m.exec(stdout)[1] }
}

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const whole = (number) => Math.round(number).toLocaleString('en-GB')

/** Baseline and subject in turns; the medians of both. */
async function compare(baselineUrl, subjectUrl, options = {}) {
  const baseline = []
  const subject = []
  for (let round = 0; round < ROUNDS; round++) {
    baseline.push(await wrk(baselineUrl, options))
    subject.push(await wrk(subjectUrl, options))
  }
  const rate = middle(subject.map((one) => one.rate))
  return {
    baseline: middle(baseline.map((one) => one.rate)),
    rate,
    p99: subject.find((one) => one.rate === rate).p99,
  }
}

const rows = []
function row(what, wanted, measured, kept, detail) {
  rows.push(`| ${what} | ${wanted} | ${measured} | ${kept ? 'yes' : '**no**'} | ${detail} |`)
  console.error(`${kept ? 'ok ' : 'NO '} ${what}: ${measured} (wanted ${wanted}) ${detail}`)
  if (!kept) process.exitCode = 1
}
const ratio = (what, wanted, { baseline, rate, p99 }) =>
  row(what, `≥ ${wanted} %`, `${((100 * rate) / baseline).toFixed(0)} %`, rate / baseline >= wanted / 100, `${whole(rate)}/s of ${whole(baseline)}/s, p99 ${p99}`)

const megabytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

async function main() {
  const load = loadavg()[0]
  const begun = new Date()

  const starts = []
  let site = await serve()
  await fill(site.url)
  await stop(site)
  for (let round = 0; round < 5; round++) {
    site = await serve()
    starts.push(site.ms)
    if (round < 4) await stop(site)
  }
  row('start to ready', '≤ 300 ms', `${middle(starts).toFixed(0)} ms`, middle(starts) <= 300, `median of ${starts.length}, slowest ${Math.max(...starts).toFixed(0)} ms`)
  // One look at the page, so that what is made on first use is made.
  await (await fetch(site.url)).text()
  const idle = megabytes(site.child.pid)
  row('resident memory, idle', '≤ 60 MiB', `${idle.toFixed(0)} MiB`, idle <= 60, 'after one page')

  const files = join(folder, 'files')
  mkdirSync(files)
  const tweets = Buffer.from(await (await fetch(`${site.url}/api/v2/tweets`)).arrayBuffer())
  const home = Buffer.from(await (await fetch(`${site.url}/`, { headers: { accept: 'text/html' } })).arrayBuffer())
  if (JSON.parse(tweets.toString()).tweets_list.length !== 20) throw new Error('the timeline has 20 tweets')
  writeFileSync(join(files, 'tweets.json'), tweets)
  writeFileSync(join(files, 'home.html'), home)
  const raw = await start(baselinePath, [files])

  ratio('`GET /api/v2/tweets`, 20 tweets, of raw axum with the same bytes', 45, await compare(`${raw.url}/file/tweets.json`, `${site.url}/api/v2/tweets`))
  ratio('home page for visitors, 20 tweets, of raw axum with the same bytes', 25, await compare(`${raw.url}/file/home.html`, `${site.url}/`))
  const signedIn = await compare(`${raw.url}/file/home.html`, `${site.url}/`, { headers: 'cookies' })
  row('home page for signed-in people, 20 tweets', '≥ 4,000/s', `${whole(signedIn.rate)}/s`, signedIn.rate >= 4000, `${PEOPLE} people in turn, p99 ${signedIn.p99}`)
  for (const connections of [64, 256]) {
    ratio(`durable \`POST /api/v2/tweets\`, ${connections} connections, of a raw axum JSON echo`, 30, await compare(`${raw.url}/echo`, `${site.url}/api/v2/tweets`, { connections, headers: 'tokens', post: true }))
  }
  const nothing = await wrk(`${raw.url}/nothing`)
  const after = megabytes(site.child.pid)
  if (firstPage) {
    const bytes = Number(/(\d+)\s+in all/.exec(readFileSync(firstPage, 'utf8'))[1])
    row('WebAssembly and JavaScript of the first page, brotli', '≤ 200 KB', `${(bytes / 1000).toFixed(0)} KB`, bytes <= 200_000, `${whole(bytes)} bytes`)
  }
  await stop(site)
  await stop(raw)

  const table = [
    `Measured ${begun.toISOString().slice(0, 16).replace('T', ' ')} UTC on ${cpus().length} × ${cpus()[0].model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ` +
      `load ${load.toFixed(2)} before, ${loadavg()[0].toFixed(2)} after. ` +
      `wrk -t1 -c64 unless said, ${ROUNDS} rounds of ${SECONDS} s, baseline and Siskin in turns, medians. Raw axum's empty answer: ${whole(nothing.rate)}/s.`,
    '',
    '| what | wanted | measured | kept | detail |',
    '|---|---|---|---|---|',
    ...rows,
    `| resident memory after all of this | | ${after.toFixed(0)} MiB | | |`,
    '',
  ].join('\n')
  console.log(table)
}

try {
  await main()
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
