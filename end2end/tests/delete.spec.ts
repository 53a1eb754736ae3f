import { expect, hydrated, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'

test('deleting asks first; keeping keeps, deleting deletes for good', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  const text = `to be or not, ${ana.username}`
  await ana.tweets(text)
  await open(page, '/')

  await home.tweet(text).getByRole('button', { name: 'Delete tweet' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await dialog.getByRole('button', { name: 'Keep' }).click()
  await expect(dialog).toBeHidden()
  await expect(home.tweet(text)).toHaveCount(1)

  await home.tweet(text).getByRole('button', { name: 'Delete tweet' }).click()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(home.tweet(text)).toHaveCount(1)

  await home.tweet(text).getByRole('button', { name: 'Delete tweet' }).click()
  const deleted = page.waitForResponse((answer) => answer.request().method() === 'DELETE')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await expect(home.tweet(text)).toHaveCount(0)
  expect((await deleted).status()).toBe(200)
  await page.reload()
  await hydrated(page)
  await expect(home.tweet(text)).toHaveCount(0)
})

test('nobody is offered to delete somebody else’s tweet', async ({ page, site, ana }) => {
  const ben = await Person.register(site.url, { stem: 'ben' })
  const text = `hands off, says ${ben.username}`
  await ben.tweets(text)
  await ana.signsIn(page)
  await open(page, `/@${ben.username}`)
  const home = new Home(page)
  await expect(home.tweet(text)).toHaveCount(1)
  await expect(home.tweet(text).getByRole('button', { name: 'Delete tweet' })).toHaveCount(0)
})

test('a failed deletion brings the tweet back and says why', async ({ page, guard, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  const text = `stubborn ${ana.username}`
  const { id } = await ana.tweets(text)
  await open(page, '/')
  guard.provoke(new RegExp(`/api/v2/tweets/${id}`), /ERR_FAILED/)
  await page.route(`**/api/v2/tweets/${id}`, (route) => route.abort())
  await home.tweet(text).getByRole('button', { name: 'Delete tweet' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('alert').filter({ hasText: /\S/ }).first()).toBeVisible()
  await expect(home.tweet(text)).toHaveCount(1)
})

test('a deletion that fails far down is said where one is', async ({ serve, page, guard }) => {
  const server = await serve()
  const ana = await Person.register(server.url, { name: 'Ana' })
  for (let i = 1; i <= 20; i++) await ana.tweets(`number ${i}.`)
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, `${server.url}/`)
  guard.provoke(/\/api\/v2\/tweets\/\d+$/, /ERR_FAILED/)
  await page.route(/\/api\/v2\/tweets\/\d+$/, (route) => route.abort())
  await home.tweet('number 1.').getByRole('button', { name: 'Delete tweet' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(home.tweet('number 1.')).toBeInViewport()
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeInViewport()
})
