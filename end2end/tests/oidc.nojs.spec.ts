import { isSignedIn, test, through } from '../fixtures/oidc'
import { freshUsername } from '../fixtures/person'
import { expect } from '../fixtures/test'

test('an account elsewhere makes one here, and another is linked to it', async ({ page, acme, globex }) => {
  const login = freshUsername()
  await page.goto('/login')
  await through(page, acme, 'Log in with Acme', login)
  await expect(page).toHaveURL(/\/log-in\/finish$/)
  await page.getByRole('button', { name: 'Make an account' }).click()
  await isSignedIn(page, login)
  await page.goto('/settings/identities')
  await through(page, globex, 'Link Globex', login)
  await expect(page.getByRole('status')).toContainText('That account is linked')
  await page.context().clearCookies()
  await page.goto('/login')
  await through(page, globex, 'Log in with Globex', login)
  await isSignedIn(page, login)
})
