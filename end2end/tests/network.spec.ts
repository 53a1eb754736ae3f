import { expect, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'

const TWEETS = /\/api\/v2\/tweets$/

test('without a network a tweet is taken back, its text kept and the reason shown; then it works', async ({ page, context, guard, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  const text = `offline thought of ${ana.username}`

  guard.provoke(TWEETS, /ERR_INTERNET_DISCONNECTED/)
  guard.provoke(/\/api\/v2\/stream/, /./, { optional: true })
  // The page may just have begun to ask for what it missed.
  guard.provoke(/\/api\/v2\/tweets\?/, /ERR_INTERNET_DISCONNECTED/, { optional: true })
  await context.setOffline(true)
  await home.composer.fill(text)
  await home.send.click()
  await expect(page.getByRole('alert').filter({ hasText: /\S/ }).first()).toBeVisible()
  await expect(home.composer).toHaveValue(text)
  await expect(home.tweet(text)).toHaveCount(0)

  await context.setOffline(false)
  await home.send.click()
  await expect(home.tweet(text)).toHaveCount(1)
  await expect(home.tweet(text)).not.toHaveAttribute('data-pending')
  await expect(home.composer).toHaveValue('')
})

test('a tweet is there at once, pending, and confirmed when the server has it', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  let release = () => {}
  const held = new Promise<void>((go) => (release = go))
  await page.route(TWEETS, async (route) => {
    await held
    await route.continue()
  })

  const text = `patience, ${ana.username}`
  await home.composer.fill(text)
  await home.send.click()
  await expect(home.tweet(text)).toHaveCount(1)
  await expect(home.tweet(text)).toHaveAttribute('data-pending')
  // It is read as well as any other.
  await expect(home.tweet(text)).toHaveCSS('opacity', '1')
  await expect(home.composer).toHaveValue('')
  release()
  await expect(home.tweet(text)).not.toHaveAttribute('data-pending')
  await expect(home.tweet(text)).toHaveAttribute('data-id', /^\d+$/)
  await expect(home.tweet(text)).toHaveCount(1)
})

test('a server in trouble takes nothing away from the person who typed', async ({ page, guard, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  guard.provoke(TWEETS, /503/)
  await page.route(TWEETS, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/json',
      body: JSON.stringify({ error: 'Service unavailable', code: 'unavailable', message: 'Try again in a moment.' }),
    }),
  )
  await home.composer.fill('will it stay?')
  await home.send.click()
  await expect(page.getByRole('alert').filter({ hasText: /\S/ }).first()).toBeVisible()
  await expect(home.composer).toHaveValue('will it stay?')
  await expect(home.tweet('will it stay?')).toHaveCount(0)
})

test('text typed while a tweet is under way survives its failure', async ({ page, guard, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  let release = () => {}
  const held = new Promise<void>((go) => (release = go))
  guard.provoke(TWEETS, /ERR_FAILED/)
  await page.route(TWEETS, async (route) => {
    await held
    await route.abort()
  })
  await home.composer.fill('first thought')
  await home.send.click()
  await expect(home.tweet('first thought')).toHaveAttribute('data-pending')
  await home.composer.fill('second thought')
  release()
  await expect(home.tweet('first thought')).toHaveCount(0)
  await expect(home.composer).toHaveValue(/second thought/)
  await expect(page.getByRole('alert').filter({ hasText: /\S/ }).first()).toBeVisible()
})

test('a session that ended meanwhile is said, and the text is kept', async ({ page, context, guard, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  await context.clearCookies()
  guard.provoke(TWEETS, /401/)
  await home.composer.fill('who am I?')
  await home.send.click()
  await expect(page.getByRole('alert').filter({ hasText: /log in|sign in|session/i }).first()).toBeVisible()
  await expect(home.composer).toHaveValue('who am I?')
})

test('a tweet that fails after one has gone elsewhere is there when one comes back', async ({ page, guard, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  let release = () => {}
  const held = new Promise<void>((go) => (release = go))
  guard.provoke(TWEETS, /ERR_FAILED/)
  await page.route(TWEETS, async (route) => {
    await held
    await route.abort()
  })
  await home.composer.fill('do not lose me')
  await home.send.click()
  await expect(home.tweet('do not lose me')).toHaveAttribute('data-pending')
  await page.locator('header a.me').click()
  await expect(home.composer).toHaveCount(0)
  let failures = 0
  page.on('requestfailed', (request) => (failures += Number(TWEETS.test(request.url()))))
  release()
  await expect.poll(() => failures).toBe(3)
  await page.getByRole('link', { name: 'Siskin' }).click()
  await expect(home.composer).toHaveValue('do not lose me')
  await expect(page.locator('#body-error')).toContainText("can't be reached")
  await page.unroute(TWEETS)
  await home.send.click()
  await expect(home.tweet('do not lose me').first()).not.toHaveAttribute('data-pending')
})

test('nothing is tweeted under another account than the page is of', async ({ page, site, guard, ana }) => {
  const home = new Home(page)
  const bob = await Person.register(site.url, { stem: 'bob' })
  await ana.signsIn(page)
  await open(page, '/')
  // As in another tab of the same browser.
  await bob.signsIn(page)
  guard.provoke(TWEETS, /403/)
  await home.composer.fill('only Ana says this')
  await home.send.click()
  await expect(page.locator('#body-error')).toContainText('signed in as somebody else')
  await expect(home.composer).toHaveValue('only Ana says this')
  const { tweets_list: tweets } = await (await page.request.get(`/api/v2/tweets/${bob.username}`)).json()
  expect(tweets).toEqual([])
})
