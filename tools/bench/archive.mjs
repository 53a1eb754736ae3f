// Moves a store of many tweets: import, export, import again, and compare; then serves it and tells what that
// needs of memory, processor and disk. Prints tables in Markdown.
// It writes the first archive itself, from nothing but docs/ARCHIVE.md, so that it is also a test of that description.
//
//   node tools/bench/archive.mjs SISKIN        (SISKIN_BENCH_TWEETS: how many, 1,000,000 unless set)

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const siskin = process.argv[2]
const TWEETS = Number(process.env.SISKIN_BENCH_TWEETS ?? 1_000_000)
const PEOPLE = 1000
const BEGIN = 1_750_000_000_000
const folder = mkdtempSync(join(tmpdir(), 'siskin-bench-'))

/** A file in zstd whose blocks are stored, not compressed: RFC 8878, 3.1.1. */
class Zstd {
  BLOCK = 128 * 1024
  constructor(path) {
    this.file = openSync(path, 'wx', 0o600)
    this.rest = Buffer.alloc(0)
    this.hash = createHash('sha256')
    this.parts = []
    this.size = 0
    // Magic number; no checksum, no content size; a window of 128 KiB.
    writeSync(this.file, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]))
  }
  line(object) {
    const line = JSON.stringify(object) + '\n'
    this.hash.update(line)
    this.parts.push(line)
    this.size += line.length
    if (this.size >= this.BLOCK) this.write(false)
  }
  write(last) {
    let bytes = Buffer.concat([this.rest, Buffer.from(this.parts.join(''))])
    this.parts = []
    this.size = 0
    while (bytes.length > this.BLOCK) {
      this.block(bytes.subarray(0, this.BLOCK), false)
      bytes = bytes.subarray(this.BLOCK)
    }
    this.rest = bytes
    if (last) this.block(bytes, true)
  }
  block(bytes, last) {
    const header = Buffer.alloc(3)
    header.writeUIntLE((bytes.length << 3) | (last ? 1 : 0), 0, 3)
    writeSync(this.file, header)
    writeSync(this.file, bytes)
  }
  end(object) {
    this.line(object)
    this.write(true)
    closeSync(this.file)
  }
}

const digest = () => {
  const hash = createHash('sha256')
  let rows = 0
  return { row: (row) => (hash.update(JSON.stringify(row) + '\n'), rows++), done: () => ({ rows, sha256: hash.digest('hex') }) }
}

/** People, and their tweets in turn. */
function write(path) {
  const events = PEOPLE + TWEETS
  const out = new Zstd(path)
  const [users, tweets] = [digest(), digest()]
  out.line({ header: { format: 'siskin-archive', version: 1, software: 'bench', created_at: new Date(BEGIN).toISOString(), events, position: events } })
  const person = (n) => ({ username: `bench${n}`, email: `bench${n}@example.org`, name: `Bench Person ${n} 🐦` })
  for (let n = 0; n < PEOPLE; n++) {
    const [id, at] = [1 + n, BEGIN + n]
    out.line({ event: { position: id, stream: `user-${id}`, version: 1, at, actor: id, kind: 'UserCreated', schema: 1, data: { role: 'user' }, personal: person(n) } })
    const tweets_count = Math.floor(TWEETS / PEOPLE) + (n < TWEETS % PEOPLE ? 1 : 0)
    const { username, email, name } = person(n)
    users.row({ id, username, email, name, bio: '', role: 'user', created_at: at, tweets_count, version: 1 })
  }
  for (let n = 0; n < TWEETS; n++) {
    const [id, at, author] = [1_000_000 + n, BEGIN + PEOPLE + n, 1 + (n % PEOPLE)]
    const body = `A siskin at the feeder, "small" and loud, is number ${n} of ${(n * 2_654_435_761) % 4_294_967_296} today. #birding @bench${(n * 7) % PEOPLE}`
    out.line({ event: { position: PEOPLE + 1 + n, stream: `tweet-${id}`, version: 1, at, actor: author, kind: 'TweetPosted', schema: 1, data: { author }, personal: { body } } })
    const { username, name } = person(author - 1)
    tweets.row({ id, username, name, body: createHash('sha256').update(body).digest('hex'), at })
  }
  for (let n = 0; n < PEOPLE; n++) {
    out.line({ credential: { user: 1 + n, hash: `$argon2id$v=19$m=19456,t=2,p=1$bm90IGEgc2FsdA$${Buffer.from(`not a hash ${n}`).toString('base64')}` } })
  }
  const sha256 = out.hash.copy().digest('hex')
  out.end({ end: { events, position: events, credentials: PEOPLE, projections: { users: users.done(), tweets: tweets.done() }, sha256 } })
}

const rows = []
/** Runs a command on a store, and says how long it took. */
function run(what, database, args, files = []) {
  const begun = process.hrtime.bigint()
  const done = spawnSync(siskin, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, SISKIN_DATABASE_URL: `sqlite://${database}.db` } })
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  if (done.status !== 0) throw new Error(`siskin ${args.join(' ')}: ${done.stderr ?? done.error}`)
  const rate = Math.round((PEOPLE + TWEETS) / seconds).toLocaleString('en-GB')
  const sizes = files.map((file) => `${(statSync(join(folder, file)).size / 1e6).toFixed(0)} MB`).join(' → ')
  rows.push(`| ${what} | ${seconds.toFixed(1)} s | ${rate}/s | ${sizes} |`)
  console.error(`ok  ${what}: ${seconds.toFixed(1)} s, ${rate} events/s ${sizes}`)
  return done.stdout
}

/** What a server needs on that store: memory in MiB, processor time in milliseconds. */
async function needs(database) {
  const env = { PATH: process.env.PATH, SISKIN_DATABASE_URL: `sqlite://${database}.db`, SISKIN_ADDR: '127.0.0.1:0', SISKIN_THROTTLE: 'off', SISKIN_LOG: 'warn', SISKIN_PASSWORD: 'what does it cost' }
  const added = spawnSync(siskin, ['user', 'add', 'payer', 'payer@example.org'], { cwd: folder, env, encoding: 'utf8' })
  if (added.status !== 0) throw new Error(added.stderr)
  const before = statSync(join(folder, `${database}.db`)).size
  const server = spawn(siskin, ['serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const url = await new Promise((ready, fail) => {
      server.on('exit', (code) => fail(new Error(`the server ended with ${code}`)))
      createInterface({ input: server.stdout }).on('line', (line) => {
        const found = /ready at (http:\S+)/.exec(line)
        if (found) ready(found[1])
      })
    })
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024
    // Fields 14 and 15 of proc(5)'s stat, in ticks of 10 ms; the name in parentheses may hold spaces.
    const cpu = () => readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((sum, ticks) => sum + 10 * Number(ticks), 0)
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify({ username: 'payer', password: env.SISKIN_PASSWORD })
    const { token } = await (await fetch(`${url}/api/v1/tokens`, { method: 'POST', headers: json, body })).json()
    const idle = memory()
    /** Asks so many times, 64 at once; milliseconds of processor for a thousand. */
    const cost = async (times, ask) => {
      const begun = cpu()
      let left = times
      await Promise.all(Array.from({ length: 64 }, async () => { while (left-- > 0) await (await ask()).arrayBuffer() }))
      return ((cpu() - begun) / times) * 1000
    }
    const reading = await cost(20_000, () => fetch(`${url}/api/v2/tweets?limit=20`))
    const home = await cost(20_000, () => fetch(url))
    const posting = await cost(20_000, () => fetch(`${url}/api/v2/tweets`, { method: 'POST', headers: { ...json, authorization: `Bearer ${token}` }, body: JSON.stringify({ body: 'What does a tweet cost? About as much as this one.' }) }))
    const after = memory()
    server.kill('SIGTERM')
    await new Promise((done) => server.on('exit', done))
    const disk = statSync(join(folder, `${database}.db`)).size
    return [
      ['memory, idle', `${idle.toFixed(0)} MiB`],
      ['memory after 60,000 requests, 64 at once', `${after.toFixed(0)} MiB`],
      ['processor for 1,000 lists of 20 tweets, the same for all', `${reading.toFixed(0)} ms`],
      ['processor for 1,000 home pages of visitors', `${home.toFixed(0)} ms`],
      ['processor for 1,000 tweets posted', `${posting.toFixed(0)} ms`],
      ['disk for 100,000 tweets, log and tables and indexes', `${((before / TWEETS) * 1e5 / 1e6).toFixed(0)} MB`],
      ['disk for the 20,000 posted last', `${((disk - before) / 1e6).toFixed(1)} MB`],
    ]
  } finally {
    server.kill('SIGKILL')
  }
}

try {
  write(join(folder, 'made.zst'))
  run('`siskin import`, checked before and verified after', 'first', ['import', 'made.zst'], ['made.zst', 'first.db'])
  run('`siskin export`', 'first', ['export', 'moved.zst'], ['first.db', 'moved.zst'])
  run('`siskin import` of that', 'second', ['import', 'moved.zst'], ['moved.zst', 'second.db'])
  const all = run('`siskin projections verify`', 'second', ['projections', 'verify'])
  const [first, second] = ['first', 'second'].map((database) => run(`\`siskin projections digest\`, ${database} store`, database, ['projections', 'digest']))
  if (first !== second) throw new Error(`the stores differ:\n${first}\n${second}`)
  if (!all.includes(`All ${(PEOPLE + TWEETS).toString()} rows`)) throw new Error(`rows are missing: ${all}`)
  console.log(['', `Moving a store of ${TWEETS.toLocaleString('en-GB')} tweets by ${PEOPLE.toLocaleString('en-GB')} people; both stores have the same digests.`, '',
    '| what | time | events | size |', '|---|---|---|---|', ...rows, '',
    `What a server needs on that store.`, '', '| what | measured |', '|---|---|', ...(await needs('second')).map(([what, measured]) => `| ${what} | ${measured} |`), ''].join('\n'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
