import { expect, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'

// Servers of their own: the shared one's timeline moves while other tests tweet.
test('two browsers see each other’s tweets without reloading', async ({ serve, page, newBrowser }) => {
  const server = await serve()
  const ana = await Person.register(server.url, { name: 'Ana', stem: 'ana' })
  const ben = await Person.register(server.url, { name: 'Ben', stem: 'ben' })
  const hers = new Home(page)
  const his = new Home(await newBrowser())
  await ana.signsIn(hers.page)
  await ben.signsIn(his.page)
  await open(hers.page, `${server.url}/`)
  await open(his.page, `${server.url}/`)

  await hers.post('hello from Ana')
  await his.pill(1).click()
  await expect(his.tweet('hello from Ana')).toHaveCount(1)
  await expect(his.tweets.first()).toContainText('hello from Ana')

  await his.post('hello back from Ben')
  await hers.pill(1).click()
  await expect(hers.tweets.first()).toContainText('hello back from Ben')
  await expect(hers.tweets).toHaveCount(2)
})

test('the pill counts, inserts without moving what one reads, and own tweets need no pill', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { name: 'Ben', stem: 'ben' })
  for (let i = 1; i <= 20; i++) await ben.tweets(`earlier ${i}`)
  const home = new Home(page)
  await open(page, `${server.url}/`)

  const read = home.tweet('earlier 8')
  await read.scrollIntoViewIfNeeded()
  await expect(read).toBeInViewport()
  const before = await read.boundingBox()
  for (const n of [1, 2, 3]) await ben.tweets(`newer ${n}`)
  await expect(home.pill(3)).toBeAttached()
  expect(await read.boundingBox()).toEqual(before)
  await expect(home.tweet('newer 3')).toHaveCount(0)

  await home.pill(3).click()
  await expect(home.tweets.first()).toContainText('newer 3')
  await expect(home.pill(3)).toHaveCount(0)
  await expect(home.tweet('newer 1')).toHaveCount(1)
})

test('a tweet deleted elsewhere vanishes here', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  const { id } = await ben.tweets('soon gone')
  const home = new Home(page)
  await open(page, `${server.url}/`)
  await expect(home.tweet('soon gone')).toHaveCount(1)
  await ben.deletes(id)
  await expect(home.tweet('soon gone')).toHaveCount(0)
})

test('tweets that came while the connection was down are not lost', async ({ serve, page, context, guard }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  const home = new Home(page)
  await open(page, `${server.url}/`)
  await ben.tweets('before the gap')
  await expect(home.pill(1)).toBeVisible()

  guard.provoke(/\/api\/v2\/stream/, /./, { optional: true })
  await server.end('SIGKILL')
  await server.restart()
  await ben.tweets('after the gap')
  await expect(home.pill(2)).toBeVisible({ timeout: 15_000 })
  await home.pill(2).click()
  await expect(home.tweet('before the gap')).toHaveCount(1)
  await expect(home.tweet('after the gap')).toHaveCount(1)
  await context.close()
})

test('the newest tweets are announced to screen readers', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  await open(page, `${server.url}/`)
  await ben.tweets('listen')
  await expect(page.locator('[aria-live], [role=status]').filter({ hasText: '1 new tweet' }).first()).toBeAttached()
})

test('a page that nobody sees gives its connection back, and misses nothing', async ({ serve, page, newBrowser }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  const { id } = await ben.tweets('soon gone')
  const home = new Home(page)
  const streams: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/v2/stream')) streams.push(request.url())
  })
  await page.clock.install()
  const caughtUp = page.waitForResponse(/\/api\/v2\/tweets\?/)
  await open(page, `${server.url}/`)
  await caughtUp
  const hide = (hidden: boolean) =>
    page.evaluate((hidden) => Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }), hidden)
  await hide(true)
  await page.clock.runFor(20_000)
  await ben.tweets('seen from behind')
  await expect(home.pill(1)).toBeAttached()
  await page.clock.runFor(20_000)

  const other = new Home(await newBrowser())
  await open(other.page, `${server.url}/`)
  await ben.deletes(id)
  await expect(other.tweet('soon gone')).toHaveCount(0)
  await expect(home.tweet('soon gone')).toHaveCount(1)
  expect(streams).toHaveLength(1)

  await hide(false)
  await page.clock.runFor(5_000)
  await expect(home.tweet('soon gone')).toHaveCount(0)
  expect(streams).toHaveLength(2)
  expect(streams[1]).toMatch(/last_event_id=\d+$/)
  await expect(home.pill(1)).toBeAttached()
})

test('a stream that was refused goes on where it ended, before the first event too', async ({ serve, page, guard }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  const { id } = await ben.tweets('soon gone')
  const home = new Home(page)
  const caughtUp = page.waitForResponse(/\/api\/v2\/tweets\?/)
  await open(page, `${server.url}/`)
  await caughtUp

  guard.provoke(/\/api\/v2\/stream/, /./)
  const stream = /\/api\/v2\/stream/
  let refused = 0
  await page.route(stream, (route) => {
    refused += 1
    return route.fulfill({ status: 502, body: 'no' })
  })
  await server.end('SIGKILL')
  await server.restart()
  await expect.poll(() => refused, { timeout: 10_000 }).toBeGreaterThan(0)
  await ben.deletes(id)
  await page.unroute(stream)
  await expect(home.tweet('soon gone')).toHaveCount(0, { timeout: 10_000 })
})
