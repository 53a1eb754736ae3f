import { expect, hydrated, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'

test('every page survives a hard refresh, alone and in any order', async ({ page, ana }) => {
  const { id } = await ana.tweets(`a page of its own, ${ana.username}`)
  const visitors = ['/', '/login', '/signup', `/@${ana.username}`, `/tweet/${id}`]
  for (const path of visitors) {
    const answer = await page.goto(path)
    expect(answer?.status(), path).toBe(200)
    await hydrated(page)
    await page.reload()
    await hydrated(page)
    await expect(page.locator('h1'), path).toHaveCount(1)
    expect((await page.title()).length, path).toBeGreaterThan(3)
  }
  await ana.signsIn(page)
  for (const path of ['/', '/profile', '/settings/sessions', `/@${ana.username}`, `/tweet/${id}`]) {
    await open(page, path)
    await expect(page).toHaveURL(new RegExp(`${path.replace(/[.@]/g, '\\$&')}$`))
    await expect(page.locator('h1'), path).toHaveCount(1)
  }
})

test('links go from page to page without loading a document', async ({ page, ana }) => {
  const home = new Home(page)
  const text = `wander, ${ana.username}`
  await ana.tweets(text)
  await ana.signsIn(page)
  await open(page, '/')
  let documents = 0
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents += 1
  })
  await home.tweet(text).getByRole('link', { name: 'Ana Costa' }).first().click()
  await expect(page).toHaveURL(new RegExp(`/@${ana.username.replaceAll('.', '\\.')}$`))
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Ana Costa')
  await home.tweet(text).getByRole('link').filter({ has: page.locator('time') }).click()
  await expect(page).toHaveURL(/\/tweet\/\d+$/)
  await expect(home.tweet(text)).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Ana Costa')
  await page.goBack()
  await expect(home.composer).toBeVisible()
  await expect(home.tweet(text)).toHaveCount(1)
  expect(documents).toBe(0)
})

test('what is not there is 404, as a page', async ({ page, guard }) => {
  guard.provoke(/./, /404/)
  for (const path of ['/tweet/1', '/@nobody.at.all', '/no/such/page', '/tweet/abc']) {
    const answer = await page.goto(path)
    expect(answer?.status(), path).toBe(404)
    expect(answer?.headers()['content-type'], path).toContain('text/html')
    await hydrated(page)
    await expect(page.locator('h1'), path).toHaveCount(1)
    await expect(page.getByRole('link').first(), path).toBeVisible()
  }
})

test('/index leads to the start page for good, and the profile of nobody to the login', async ({ page, request }) => {
  const index = await request.get('/index', { maxRedirects: 0 })
  expect(index.status()).toBe(308)
  expect(index.headers().location).toMatch(/\/$/)
  await page.goto('/profile')
  await expect(page).toHaveURL(/\/login/)
})

test('tweets and profiles can be previewed elsewhere', async ({ request, site }) => {
  const ben = await Person.register(site.url, { name: 'Ben <b>& Co', stem: 'ben' })
  const { id } = await ben.tweets('Look at "this" & <that>')
  for (const [path, described] of [
    [`/tweet/${id}`, 'Look at &quot;this&quot; &amp; &lt;that&gt;'],
    [`/@${ben.username}`, ben.username],
  ]) {
    const html = await (await request.get(path)).text()
    const tag = (name: string) =>
      new RegExp(`<meta[^>]*(?:name|property)="${name}"[^>]*content="([^"]*)"`).exec(html)?.[1] ??
      new RegExp(`<meta[^>]*content="([^"]*)"[^>]*(?:name|property)="${name}"`).exec(html)?.[1]
    expect(tag('og:title'), path).toContain('Ben')
    expect(tag('og:title'), path).not.toContain('<b>')
    expect([tag('og:description'), tag('og:title')].join(' ').replaceAll('"', '&quot;'), path).toContain(described)
    expect(tag('og:url'), path).toMatch(new RegExp(`^https?://.*${path.replaceAll('.', '\\.')}$`))
    expect(tag('twitter:card'), path).toBe('summary')
    expect(html, path).not.toContain('<that>')
  }
})
