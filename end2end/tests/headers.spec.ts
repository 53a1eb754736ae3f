import { expect, hydrated, test } from '../fixtures/test'
import { Person } from '../fixtures/person'

test('a crawl of every page that can be reached meets no violation, no dead link and no foreign host', async ({ serve, page }) => {
  test.setTimeout(90_000)
  const server = await serve({ demo: true })
  const ana = await Person.register(server.url, { name: 'Ana Costa' })
  await ana.tweets('here I am')
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) foreign.push(request.url())
  })
  const crawled = new Set<string>()
  for (const signedIn of [false, true]) {
    if (signedIn) await ana.signsIn(page)
    const queue = ['/']
    const seen = new Set(queue)
    while (queue.length > 0 && seen.size < 60) {
      const path = queue.shift()!
      const answer = await page.goto(server.url + path)
      expect(answer?.status(), `${path} answers`).toBe(200)
      await hydrated(page)
      crawled.add(path)
      const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href))
      for (const link of links.map((one) => new URL(one))) {
        // One tweet's page and one mention are like another: a few of each are enough.
        // What is reported stands behind the question mark.
        const path = link.pathname === '/report' ? link.pathname + link.search : link.pathname
        const kind = [...seen].filter((one) => one.split(/[/?]/)[1] === link.pathname.split('/')[1]).length
        if (link.origin === server.url && !link.pathname.startsWith('/api') && !seen.has(path) && kind < 6) {
          seen.add(path)
          queue.push(path)
        }
      }
    }
  }
  expect([...crawled]).toEqual(expect.arrayContaining(['/', '/login', '/signup', '/profile', '/settings/sessions']))
  expect(crawled.size).toBeGreaterThan(8)
  expect(foreign).toEqual([])
})

test('pages carry the security headers, and a nonce of their own', async ({ request }) => {
  const nonces = new Set<string>()
  for (const path of ['/', '/login', '/signup', '/no/such/page', '/']) {
    const answer = await request.get(path)
    const headers = answer.headers()
    const policy = headers['content-security-policy'] ?? ''
    expect(policy, path).toContain("default-src 'none'")
    expect(policy, path).toContain("frame-ancestors 'none'")
    expect(policy, path).toContain("base-uri 'none'")
    expect(policy, path).toContain("form-action 'self'")
    expect(policy, path).not.toContain('unsafe-inline')
    expect(policy, path).not.toContain("'unsafe-eval'")
    const nonce = /'nonce-([^']{16,})'/.exec(policy)?.[1]
    expect(nonce, path).toBeTruthy()
    nonces.add(nonce!)
    expect(headers['x-content-type-options'], path).toBe('nosniff')
    expect(headers['referrer-policy'], path).toBeTruthy()
    expect(headers['cross-origin-opener-policy'], path).toBe('same-origin')
    const html = await answer.text()
    for (const [script] of html.matchAll(/<(script|style)\b[^>]*>/g)) {
      expect(/ src=/.test(script) || script.includes(nonce!), `${path}: ${script}`).toBe(true)
    }
    expect(html, path).not.toMatch(/ style="| on[a-z]+="/)
  }
  expect(nonces.size).toBe(5)
})

test('files of the front end are compressed, hashed and kept for good', async ({ request }) => {
  const html = await (await request.get('/')).text()
  const files = new Set([...html.matchAll(/\/pkg\/[A-Za-z0-9._-]+\.(?:js|css|wasm)/g)].map(([file]) => file))
  expect(files.size).toBeGreaterThanOrEqual(3)
  for (const file of files) {
    const answer = await request.get(file, { headers: { 'accept-encoding': 'br' } })
    expect(answer.status(), file).toBe(200)
    expect(answer.headers()['content-encoding'], file).toBe('br')
    expect(answer.headers()['cache-control'], file).toMatch(/immutable/)
    expect(answer.headers().vary, file).toMatch(/accept-encoding/i)
  }
})

test('a form that another site sends is refused, and nothing happens', async ({ request, site }) => {
  const ana = await Person.register(site.url)
  const signedIn = await request.post('/login', {
    form: { username: ana.username, password: ana.password },
    headers: { origin: site.url },
    maxRedirects: 0,
  })
  expect(signedIn.status()).toBe(303)
  const cookie = signedIn.headers()['set-cookie']
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
  const forged: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]
  for (const headers of forged) {
    const answer = await request.post('/tweets', { form: { body: 'forged' }, headers, maxRedirects: 0 })
    expect(answer.status(), JSON.stringify(headers)).toBe(403)
  }
  const { tweets_list: tweets } = await (await request.get(`/api/v2/tweets/${ana.username}`)).json()
  expect(tweets).toEqual([])
})
