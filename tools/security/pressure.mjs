// What hostile clients cost the others, measured on the real executable: slow clients, overload, a
// flood of log-ins. Prints a table in Markdown; fails if a number is missed. Only loopback, bounded
// in time: about five minutes on an otherwise quiet machine. The server has one half of the cores and the
// clients the other, so that what a client costs to run is not counted as what it costs the server.
//
//   node tools/security/pressure.mjs SISKIN

import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const [siskin] = process.argv.slice(2)
const ROUNDS = Number(process.env.SISKIN_SECURITY_ROUNDS ?? 5)
const SECONDS = Number(process.env.SISKIN_SECURITY_SECONDS ?? 4)
const PASSWORD = 'measure twice, cut once'
const SLOW = 1000
const JSON_TYPE = { 'content-type': 'application/json' }

const folder = mkdtempSync(join(tmpdir(), 'siskin-security-'))
const children = new Set()
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
/** Of each round what it kept, and of those the middle: what slows the machine for a while slows both halves. */
const ratio = (some, all) => middle(some.map((one, round) => one / all[round]))
const whole = (number) => Math.round(number).toLocaleString('en-GB')

/** A command bound to some cores, where that can be said (Linux) and there are enough. */
const half = Math.floor(cpus().length / 2)
const apart = half > 0 && spawnSync('taskset', ['-V']).status === 0
const bound = (cores, command, args) => (apart ? ['taskset', ['-c', cores, command, ...args]] : [command, args])
const SERVER = `0-${half - 1}`
const CLIENTS = `${half}-${cpus().length - 1}`
// This process is a client, too.
if (apart) spawnSync('taskset', ['-acp', CLIENTS, `${process.pid}`])

let stores = 0
function serve(env) {
  const child = spawn(...bound(SERVER, siskin, ['serve']), {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      SISKIN_ADDR: '127.0.0.1:0',
      SISKIN_DATABASE_URL: `sqlite://${folder}/${(stores += 1)}.db`,
      SISKIN_LOG: 'error',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.add(child)
  return new Promise((ready, fail) => {
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /ready at (http:\/\/127\.0\.0\.1:(\d+))/.exec(line)
      if (url) ready({ child, url: url[1], port: Number(url[2]) })
    })
  })
}

async function stop({ child }) {
  children.delete(child)
  const gone = new Promise((done) => child.on('exit', done))
  child.kill('SIGKILL')
  await gone
}

async function call(url, body, token) {
  const headers = token ? { ...JSON_TYPE, authorization: `Bearer ${token}` } : JSON_TYPE
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** Somebody with a token and a session, and twenty tweets. */
async function fill({ url }) {
  await call(`${url}/api/v1/users`, { username: 'ana', email: 'ana@example.org', password: PASSWORD })
  const { token } = await call(`${url}/api/v1/tokens`, { username: 'ana', password: PASSWORD })
  for (let n = 0; n < 20; n++) await call(`${url}/api/v2/tweets`, { body: `A siskin at the feeder, number ${n}.` }, token)
  const login = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username: 'ana', password: PASSWORD }),
  })
  const cookie = login.headers.getSetCookie().find((one) => /session/i.test(one)).split(';')[0]
  return { token, cookie }
}

const script = (name, text) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** One run of wrk: good answers a second, others a second. */
async function wrk(url, { connections = 64, seconds = SECONDS, lua, headers = {} } = {}) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', ...lines, ...(lua ? ['-s', lua] : []), url]
  const { stdout } = await promisify(execFile)(...bound(CLIENTS, 'wrk', args))
  const [, requests, took, unit] = /(\d+) requests in ([\d.]+)(m?s)/.exec(stdout)
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0)
  const time = unit === 's' ? Number(took) : Number(took) / 1000
  return { good: (requests - refused) / time, refused: refused / time, sockets: /Socket errors: .*/.exec(stdout)?.[0] }
}

const rows = []
function row(what, wanted, measured, kept, detail) {
  rows.push(`| ${what} | ${wanted} | ${measured} | ${kept ? 'yes' : '**no**'} | ${detail} |`)
  console.error(`${kept ? 'ok ' : 'NO '} ${what}: ${measured} (wanted ${wanted}) ${detail}`)
  if (!kept) process.exitCode = 1
}

/** A row about a rate that others, or overload, must leave. */
const keeps = (what, some, all, detail) => {
  const kept = ratio(some, all)
  row(what, '≥ 90 %', `${(100 * kept).toFixed(0)} %`, kept >= 0.9, `${whole(middle(some))}/s of ${whole(middle(all))}/s${detail}`)
}

/** So many connections that send so many requests a second together, each of them at any moment. */
function paced(name, connections, rate, lua = '') {
  const delay = Math.round((1000 * connections) / rate)
  return script(name, `${lua}\nfunction delay() return math.random(0, ${2 * delay}) end\n`)
}

/** Clients who dribble and do not read, from many addresses; whoever is cut off comes back. */
class SlowClients {
  sockets = new Set()
  cut = 0
  constructor(port) {
    this.port = port
    const kinds = [
      () => 'GET / HTTP/1.1\r\nhost: x\r\nx-slow: ',
      () => 'POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{"username":"',
      () => 'GET /api/v2/stream HTTP/1.1\r\nhost: x\r\n\r\n',
    ]
    for (let n = 0; n < SLOW; n++) this.open(n, kinds[n % kinds.length])
    this.clock = setInterval(() => this.sockets.forEach((socket) => socket.begun && socket.write('a')), 2000)
  }
  open(n, kind) {
    if (this.closed) return
    const socket = connect({ port: this.port, host: '127.0.0.1', localAddress: `127.0.${1 + (n % 100)}.${1 + (n % 7)}` })
    socket.on('connect', () => {
      const text = kind()
      socket.write(text)
      // A stream's reader has said all; it only reads nothing.
      socket.begun = !text.includes('/stream')
      socket.pause()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.sockets.delete(socket)
      this.cut += 1
      setTimeout(() => this.open(n, kind), 500)
    })
    this.sockets.add(socket)
  }
  close() {
    this.closed = true
    clearInterval(this.clock)
    for (const socket of this.sockets) socket.destroy()
  }
}

async function slowClients() {
  const site = await serve({})
  const { token } = await fill(site)
  // Something for the streams to carry, with and without slow readers.
  const posting = setInterval(() => call(`${site.url}/api/v2/tweets`, { body: 'x'.repeat(280) }, token).catch(() => {}), 100)
  const alone = []
  const beside = []
  let cut = 0
  let least = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    alone.push((await wrk(`${site.url}/api/v2/tweets`)).good)
    const slow = new SlowClients(site.port)
    // Beyond the ten seconds within which a head must come, so that many have been cut off.
    await sleep(11_000)
    beside.push((await wrk(`${site.url}/api/v2/tweets`)).good)
    least = Math.min(least, slow.sockets.size)
    cut += slow.cut
    slow.close()
    await sleep(500)
  }
  clearInterval(posting)
  await stop(site)
  keeps(`throughput of others beside ${whole(SLOW)} slow clients`, beside, alone, '')
  // Else there was nobody whom the others were measured beside.
  const there = least >= 0.9 * SLOW && cut > 0
  row('slow clients that were there, at the least; cut off', `≥ ${whole(0.9 * SLOW)}; some`, `${whole(least)}; ${whole(cut)}`, there, 'whoever is cut off comes back')
}

/** Asks one cheap question every 50 ms, and says how long each kind of answer took. */
function probe(url, headers) {
  const answers = []
  let going = true
  const done = (async () => {
    while (going) {
      const begun = performance.now()
      const answer = await fetch(url, { headers }).catch(() => undefined)
      await answer?.arrayBuffer()
      answers.push({ status: answer?.status, ms: performance.now() - begun, retry: answer?.headers.get('retry-after') })
      await sleep(50)
    }
    return answers
  })()
  return async () => {
    going = false
    return done
  }
}

const megabytes = ({ child }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024

async function overload() {
  const site = await serve({ SISKIN_THROTTLE: 'off' })
  const { cookie } = await fill(site)
  const headers = { cookie }
  const page = `${site.url}/`
  await wrk(page, { seconds: 2, headers })
  const peaks = []
  const goods = []
  const excess = []
  const probes = []
  let most = 0
  for (let round = 0; round < ROUNDS; round++) {
    const peak = (await wrk(page, { headers })).good
    const connections = 4096
    const lua = paced('delay.lua', connections, 3 * peak)
    const end = probe(page, headers)
    const { good, refused } = await wrk(page, { connections, lua, headers })
    most = Math.max(most, megabytes(site))
    probes.push(...(await end()))
    peaks.push(peak)
    goods.push(good)
    excess.push(refused)
  }
  const refused = probes.filter((one) => one.status === 503)
  const unanswered = probes.filter((one) => one.status === undefined).length
  await stop(site)
  keeps('good answers at 3 × capacity (page for signed-in people), of the peak', goods, peaks, `, ${whole(middle(excess))}/s refused`)
  const slowest = refused.length ? middle(refused.map((one) => one.ms)) : Infinity
  const told = slowest <= 250 && refused.every((one) => one.retry) && unanswered === 0
  row('time to a refusal, median', '≤ 250 ms', `${slowest.toFixed(0)} ms`, told, `${refused.length} of ${probes.length} probes refused, ${refused.filter((one) => one.retry).length} with Retry-After, ${unanswered} without an answer`)
  row('memory at 3 × capacity', '≤ 512 MiB', `${most.toFixed(0)} MiB`, most <= 512, '4,096 connections')
}

/** The dearest thing that can be asked for: a log-in with the right password. */
async function overloadOfLogIns() {
  const site = await serve({ SISKIN_THROTTLE: 'off' })
  await fill(site)
  const text = `wrk.method = "POST"
     wrk.headers["content-type"] = "application/json"
     wrk.body = '{"username":"ana","password":"${PASSWORD}"}'\n`
  const lua = script('right.lua', text)
  const url = `${site.url}/api/v1/tokens`
  const peaks = []
  const goods = []
  const excess = []
  for (let round = 0; round < Math.min(ROUNDS, 3); round++) {
    peaks.push((await wrk(url, { connections: 8, lua })).good)
    const connections = 2048
    const often = paced('often.lua', connections, 3 * peaks.at(-1), text)
    // Long enough for its queue to be full for most of it.
    const { good, refused } = await wrk(url, { connections, lua: often, seconds: 5 * SECONDS })
    goods.push(good)
    excess.push(refused)
  }
  await stop(site)
  keeps('good answers at 3 × capacity (log-ins), of the peak', goods, peaks, `, ${whole(middle(excess))}/s refused`)
}

async function loginFlood() {
  // Behind a proxy that everybody comes through, so that the flood has as many addresses as it likes.
  const site = await serve({ SISKIN_TRUSTED_PROXIES: '127.0.0.0/8' })
  await fill(site)
  const text = `wrk.method = "POST"
     wrk.headers["content-type"] = "application/json"
     local n = 0
     function request()
       n = n + 1
       local from = string.format("2001:db8:%x:%x::1", math.random(0, 65535), math.random(0, 65535))
       wrk.headers["x-forwarded-for"] = from
       return wrk.format(nil, nil, nil, '{"username":"user' .. math.random(1, 1000000000) .. '","password":"not the password"}')
     end\n`
  const one = script('login.lua', text)
  const capacity = (await wrk(`${site.url}/api/v1/tokens`, { connections: 8, lua: one })).refused
  const connections = 2000
  const flood = paced('flood.lua', connections, 10 * capacity, text)
  const alone = []
  const beside = []
  const rates = []
  for (let round = 0; round < ROUNDS; round++) {
    alone.push((await wrk(`${site.url}/api/v2/tweets`)).good)
    const flooding = wrk(`${site.url}/api/v1/tokens`, { connections, lua: flood, seconds: SECONDS + 3 })
    await sleep(2000)
    beside.push((await wrk(`${site.url}/api/v2/tweets`)).good)
    rates.push((await flooding).refused)
  }
  await call(`${site.url}/api/v1/tokens`, { username: 'ana', password: PASSWORD })
  await stop(site)
  keeps('reading during a flood of log-ins at 10 × capacity', beside, alone, `; capacity ${whole(capacity)}/s, flood answered at ${whole(middle(rates))}/s; the right password logs in after it`)
}

try {
  const begun = new Date()
  const load = loadavg()[0]
  const only = process.env.SISKIN_SECURITY_ONLY
  for (const measure of [slowClients, overload, overloadOfLogIns, loginFlood]) if (!only || only === measure.name) await measure()
  console.log(
    [
      `Measured ${begun.toISOString().slice(0, 16).replace('T', ' ')} UTC on ${cpus().length} × ${cpus()[0].model}; load ${load.toFixed(2)} before. ` +
        `${apart ? `The server runs on core ${SERVER}, the clients on ${CLIENTS}` : 'The clients run on the same cores'}. wrk -t1, ${ROUNDS} rounds of ${SECONDS} s in turns; medians of rates and of what the rounds kept.`,
      '',
      '| what | wanted | measured | kept | detail |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n'),
  )
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
