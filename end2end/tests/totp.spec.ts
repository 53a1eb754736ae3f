import type { Page } from '@playwright/test'
import { expect, hydrated, open, Person, test } from '../fixtures/test'
import { code } from '../fixtures/totp'

/** Sets an app up on the page; gives its secret and the recovery codes. */
async function setUp(page: Page, ana: Person): Promise<{ secret: string; recovery: string[] }> {
  await page.getByRole('link', { name: 'Set up an authenticator app' }).click()
  await page.getByLabel('Your password').fill(ana.password)
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('img', { name: 'QR code' })).toBeVisible()
  const secret = (await page.locator('#secret').innerText()).replaceAll(' ', '')
  await page.getByLabel('Code', { exact: true }).fill(code(secret))
  await page.getByRole('button', { name: 'Switch it on' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your recovery codes')
  const recovery = await page.locator('.secret li code').allInnerTexts()
  expect(recovery).toHaveLength(10)
  return { secret, recovery }
}

async function logIn(page: Page, ana: Person): Promise<void> {
  await open(page, '/login')
  await page.getByLabel('Username').fill(ana.username)
  await page.getByLabel('Password').fill(ana.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page).toHaveURL(/\/log-in\/code$/)
}

test('an app is set up, asked for at the log-in, and switched off', async ({ page, newBrowser, ana }) => {
  await ana.signsIn(page)
  await open(page, '/profile')
  await page.getByRole('link', { name: 'Security' }).click()
  await expect(page).toHaveURL(/\/settings\/security$/)
  const { secret, recovery } = await setUp(page, ana)

  const other = await newBrowser()
  await logIn(other, ana)
  // The code that was used at the set-up is used up; the app's next one is known already.
  await other.getByLabel('Code', { exact: true }).fill(code(secret, 1))
  await other.getByRole('button', { name: 'Log in' }).click()
  await expect(other).toHaveURL(/\/$/)
  await hydrated(other)
  await expect(other.getByRole('button', { name: 'Log out' })).toBeVisible()

  await page.goto('/settings/security')
  await page.getByRole('link', { name: 'Switch the app off' }).click()
  await page.getByLabel('Your password').fill(ana.password)
  await page.getByLabel('Code', { exact: true }).fill(recovery[0])
  await page.getByRole('button', { name: 'Switch the app off' }).click()
  await expect(page.getByRole('status')).toContainText('The app is switched off.')
  await expect(page.getByRole('link', { name: 'Set up an authenticator app' })).toBeVisible()
})

test('a wrong code is said beside the field, and a recovery code gets in once', async ({ page, newBrowser, ana, guard }) => {
  guard.provoke(/\/log-in\/code$/, /422/, { optional: true })
  await ana.signsIn(page)
  await open(page, '/settings/security')
  const { recovery } = await setUp(page, ana)
  const other = await newBrowser()
  await logIn(other, ana)
  await other.getByLabel('Code', { exact: true }).fill('000000')
  await other.getByRole('button', { name: 'Log in' }).click()
  await expect(other.locator('#code-error')).toContainText('wrong')
  await other.getByLabel('Code', { exact: true }).fill(recovery[4].toUpperCase())
  await other.getByRole('button', { name: 'Log in' }).click()
  await expect(other).toHaveURL(/\/$/)
  await other.goto('/settings/security')
  await expect(other.getByText('9 recovery codes are left.')).toBeVisible()
})
