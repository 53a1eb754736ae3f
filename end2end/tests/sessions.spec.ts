import type { Page } from '@playwright/test'
import { expect, open, Person, test } from '../fixtures/test'

const PATH = '/settings/sessions'

const row = (page: Page, text: string) => page.locator('.written li').filter({ hasText: text })

test('one browser ends the other', async ({ page, newBrowser, ana }) => {
  const other = await newBrowser()
  await ana.signsIn(page)
  await ana.signsIn(other)
  await open(other, '/profile')
  await open(page, '/profile')
  await page.getByRole('link', { name: 'Sessions and tokens' }).click()
  await expect(page).toHaveURL(new RegExp(`${PATH}$`))
  await expect(page.locator('.written li')).toHaveCount(2)
  await expect(row(page, 'this browser')).toHaveCount(1)
  await expect(row(page, 'this browser').getByRole('button')).toHaveCount(0)
  await expect(row(page, 'this browser')).toContainText('From this computer')

  await page.getByRole('button', { name: /^End (?!all)/ }).click()
  await expect(page).toHaveURL(new RegExp(`${PATH}$`))
  await expect(page.getByRole('status')).toContainText('That session has ended.')
  await expect(page.locator('.written li')).toHaveCount(1)
  await other.goto('/profile')
  await expect(other).toHaveURL(/\/login$/)
})

test('one browser ends all others, and stays', async ({ page, newBrowser, ana }) => {
  const others = [await newBrowser(), await newBrowser()]
  for (const one of [page, ...others]) await ana.signsIn(one)
  await open(page, PATH)
  await expect(page.locator('.written li')).toHaveCount(3)
  await page.getByRole('button', { name: 'End all others' }).click()
  await expect(page.locator('.written li')).toHaveCount(1)
  await expect(page.getByRole('button', { name: 'End all others' })).toHaveCount(0)
  for (const other of others) {
    await other.goto('/profile')
    await expect(other).toHaveURL(/\/login$/)
  }
})

test('a token is made, used and revoked', async ({ page, request, ana }) => {
  await ana.signsIn(page)
  await open(page, PATH)
  await expect(page.getByText('You have no tokens.')).toBeVisible()
  const name = 'مفتاح ' + 'long'.repeat(10)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Tweet, and change what is yours').uncheck()
  await page.getByLabel('It ends after').selectOption('30')
  await page.getByRole('button', { name: 'Make a token' }).click()
  const token = await page.locator('.secret code').innerText()
  expect(token).toMatch(/^sk_[\w-]{43}$/)
  await expect(row(page, name)).toContainText('It may: read what only you see.')

  const headers = { authorization: `Bearer ${token}` }
  const list = await request.get('/api/v1/sessions', { headers })
  expect(list.status()).toBe(200)
  const write = await request.post('/api/v2/tweets', { headers, data: { body: 'not with this one' } })
  expect(write.status()).toBe(403)
  expect((await write.json()).code).toBe('scope_missing')

  // Its secret is shown this once: the page, loaded anew, does not know it.
  await open(page, PATH)
  await expect(page.locator('.secret')).toHaveCount(0)
  await row(page, name).getByRole('button', { name: /^End/ }).click()
  await expect(page.getByText('You have no tokens.')).toBeVisible()
  expect((await request.get('/api/v1/sessions', { headers })).status()).toBe(401)
})

test('a form that is wrong says so and keeps what was typed', async ({ page, ana, guard }) => {
  guard.provoke(/\/settings\/tokens$/, /422/, { optional: true })
  await ana.signsIn(page)
  await open(page, PATH)
  await page.getByLabel('It ends after').selectOption('365')
  await page.getByRole('button', { name: 'Make a token' }).click()
  await expect(page.locator('#name-error')).not.toBeEmpty()
  await expect(page.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('It ends after')).toHaveValue('365')
  await expect(page.locator('.written li')).toHaveCount(1)
  // A reload asks for the page, not for the form again.
  await expect(page).toHaveURL(new RegExp(`${PATH}$`))
})

test('who comes back to the page gets it from the server', async ({ page, ana }) => {
  await ana.signsIn(page)
  await open(page, PATH)
  await page.getByRole('link', { name: 'Siskin' }).first().click()
  await expect(page).toHaveURL(/\/$/)
  await page.goBack()
  await expect(page.locator('.written li')).toHaveCount(1)
})

test('an open stream ends with its token', async ({ site, request }) => {
  const eve = await Person.register(site.url, { stem: 'eve' })
  const login = { username: eve.username, password: eve.password }
  const { token } = await (await request.post('/api/v1/tokens', { data: login })).json()
  const headers = { authorization: `Bearer ${token}` }
  const stream = await fetch(`${site.url}/api/v2/stream`, { headers })
  expect(stream.status).toBe(200)
  expect((await request.delete('/api/v1/tokens/current', { headers })).status()).toBe(200)
  // The text of a stream is there once it has ended.
  expect(await stream.text()).toContain(': open')
})
