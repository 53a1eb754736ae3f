import type { Page } from '@playwright/test'
import { isSignedIn, test, through } from '../fixtures/oidc'
import { freshUsername } from '../fixtures/person'
import type { Provider } from '../fixtures/provider'
import { expect, hydrated, open, Person } from '../fixtures/test'

const SETTINGS = '/settings/identities'

/** Makes an account here with an account there. */
async function signsUp(page: Page, provider: Provider, login: string): Promise<void> {
  await open(page, '/login')
  await through(page, provider, `Log in with ${provider.name === 'acme' ? 'Acme' : 'Globex'}`, login)
  await expect(page).toHaveURL(/\/log-in\/finish$/)
  await page.getByRole('button', { name: 'Make an account' }).click()
  await expect(page).toHaveURL(/\/$/)
  await isSignedIn(page, login)
}

/** A browser that nobody is logged in with, here or there. */
const forgets = (page: Page) => page.context().clearCookies()

test('somebody new makes an account with one elsewhere, and logs in with it again', async ({ page, acme }) => {
  const login = freshUsername()
  await open(page, '/login')
  await expect(page.getByRole('button', { name: 'Log in with Acme' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Log in with Globex' })).toBeVisible()
  await through(page, acme, 'Log in with Acme', login)
  await expect(page).toHaveURL(/\/log-in\/finish$/)
  await hydrated(page)
  await expect(page.getByLabel('Username')).toHaveValue(login)
  await expect(page.getByLabel('E-mail')).toHaveValue(`${login}@elsewhere.example`)
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(`${login} of elsewhere`)
  await page.getByRole('button', { name: 'Make an account' }).click()
  await expect(page).toHaveURL(/\/$/)
  await expect(page.getByText('Your account is made. Welcome!')).toBeVisible()
  await isSignedIn(page, login)

  await forgets(page)
  await open(page, '/login')
  await through(page, acme, 'Log in with Acme', login)
  await expect(page).toHaveURL(/\/$/)
  await isSignedIn(page, login)
})

test('who came to the page from another one finds the buttons, too', async ({ page }) => {
  await open(page, '/')
  await page.getByRole('link', { name: 'Log in', exact: true }).click()
  await page.getByRole('link', { name: 'More ways to log in' }).click()
  await expect(page.getByRole('button', { name: 'Log in with Acme' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'More ways to log in' })).toHaveCount(0)
})

test('a server without providers shows nothing of it', async ({ page, site }) => {
  await open(page, `${site.url}/`)
  await page.getByRole('link', { name: 'Log in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible()
  await expect(page.getByText('More ways to log in')).toBeHidden()
  await open(page, `${site.url}/login`)
  await expect(page.getByRole('button', { name: /^Log in with/ })).toHaveCount(0)
})

test('an account is linked by its owner, logs them in, and is unlinked', async ({ page, server, acme, globex }) => {
  const ana = await Person.register(server.url)
  await ana.signsIn(page)
  for (const [provider, label] of [[acme, 'Acme'], [globex, 'Globex']] as const) {
    await open(page, SETTINGS)
    await page.getByLabel('Your password here').fill(ana.password)
    await through(page, provider, `Link ${label}`, 'somebody')
    await expect(page).toHaveURL(new RegExp(`${SETTINGS}$`))
    await expect(page.getByRole('status')).toContainText('That account is linked')
    await expect(page.getByRole('listitem').filter({ hasText: label })).toContainText('somebody@elsewhere.example')
  }
  await forgets(page)
  await open(page, '/login')
  await through(page, globex, 'Log in with Globex', 'somebody')
  await isSignedIn(page, ana.username)

  await open(page, SETTINGS)
  await page.getByRole('button', { name: 'Unlink Globex' }).click()
  await expect(page.getByRole('status')).toContainText('not linked any more')
  await expect(page.getByRole('listitem').filter({ hasText: 'Globex' })).toHaveCount(0)
  await forgets(page)
  await open(page, '/login')
  await through(page, globex, 'Log in with Globex', 'somebody')
  await expect(page).toHaveURL(/\/log-in\/finish$/)
})

test('a wrong password links nothing', async ({ page, server, guard }) => {
  guard.provoke(/\/link\/acme$/, /422/, { optional: true })
  const ana = await Person.register(server.url)
  await ana.signsIn(page)
  await open(page, SETTINGS)
  await page.getByLabel('Your password here').fill('a guess or two')
  await page.getByRole('button', { name: 'Link Acme' }).click()
  await expect(page.locator('#current_password-error')).toContainText('not the current password')
})

test('the last way to log in stays, until there is a password', async ({ page, acme, guard }) => {
  guard.provoke(/\/unlink$/, /409/, { optional: true })
  await signsUp(page, acme, freshUsername())
  await open(page, SETTINGS)
  await page.getByRole('button', { name: 'Unlink Acme' }).click()
  await expect(page.getByRole('alert')).toContainText('your last way to log in')
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await page.getByRole('button', { name: 'Set it' }).click()
  await expect(page.getByRole('status')).toContainText('Your password is set.')
  await page.getByRole('button', { name: 'Unlink Acme' }).click()
  await expect(page.getByText('No account somewhere else is linked to yours.')).toBeVisible()
})

test('the same e-mail address links nobody', async ({ page, server, acme, guard }) => {
  guard.provoke(/\/log-in\/finish$/, /409/, { optional: true })
  const login = freshUsername()
  const answer = await fetch(`${server.url}/api/v1/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: `${login}x`, email: `${login}@elsewhere.example`, password: 'correct horse battery' }),
  })
  expect(answer.status).toBe(201)
  await open(page, '/login')
  await through(page, acme, 'Log in with Acme', login)
  await expect(page).toHaveURL(/\/log-in\/finish$/)
  await expect(page.getByText('Log in to it as you always do')).toBeVisible()
  await page.getByRole('button', { name: 'Make an account' }).click()
  await expect(page.locator('#email-error')).toContainText('log in to it and link the other one there')
  await open(page, '/profile')
  await expect(page).toHaveURL(/\/login$/)
})

test('who changes their mind is back where they were', async ({ page, acme }) => {
  await open(page, '/login')
  await page.getByRole('button', { name: 'Log in with Acme' }).click()
  await expect(page).toHaveURL((url) => url.origin === acme.issuer)
  await page.getByRole('button', { name: 'Rather not' }).click()
  await expect(page).toHaveURL(/\/login$/)
  await expect(page.getByRole('status')).toContainText('You did not log in there')
})

test('a provider may change its keys', async ({ page, acme }) => {
  const login = freshUsername()
  await signsUp(page, acme, login)
  acme.rotateKeys()
  await forgets(page)
  await open(page, '/login')
  await through(page, acme, 'Log in with Acme', login)
  await isSignedIn(page, login)
})

test('a provider that is away is no trouble for the other', async ({ page, acme, globex, guard }) => {
  guard.provoke(/\/log-in\/with\/acme$/, /503/, { optional: true })
  await acme.dispose()
  await open(page, '/login')
  await page.getByRole('button', { name: 'Log in with Acme' }).click()
  await expect(page.getByText("The other site can't be reached")).toBeVisible()
  await page.getByRole('link', { name: 'Back' }).click()
  await signsUp(page, globex, freshUsername())
})
