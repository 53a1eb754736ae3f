// Moves a store of many tweets: import, export, import again, and compare. Prints a table in Markdown.
// It writes the first archive itself, from nothing but docs/ARCHIVE.md, so that it is also a test of that description.
//
//   node tools/bench/archive.mjs SISKIN        (SISKIN_BENCH_TWEETS: how many, 1,000,000 unless set)

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
    '| what | time | events | size |', '|---|---|---|---|', ...rows, ''].join('\n'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
