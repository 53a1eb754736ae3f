import { type Page } from '@playwright/test'
import { expect, hydrated, open, Person, type Server, test } from '../fixtures/test'
import { freshUsername } from '../fixtures/person'
import { type ServeOptions } from '../fixtures/server'

const CLOSED = { SISKIN_PUBLIC: 'false', SISKIN_REGISTRATION: 'invite', SISKIN_INVITES: 'admins' }

/** A server for members only, whose operator has added an admin. */
async function closed(serve: (options?: ServeOptions) => Promise<Server>): Promise<{ server: Server; ada: Person }> {
  const server = await serve({ env: CLOSED })
  const ada = new Person(server.url, freshUsername('ada'), 'Ada')
  server.command(['user', 'add', ada.username, ada.email, '--name', ada.name, '--role', 'admin'], {
    SISKIN_PASSWORD: ada.password,
  })
  return { server, ada }
}

async function logsIn(page: Page, who: Person): Promise<void> {
  await page.getByLabel('Username').fill(who.username)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

/** Makes an invitation on the page and gives its link. */
async function invites(page: Page): Promise<string> {
  await page.getByLabel('Name', { exact: true }).fill('For Ben')
  await page.getByRole('button', { name: 'Make an invitation' }).click()
  return page.locator('.secret code').innerText()
}

async function signsUp(page: Page, who: Person): Promise<void> {
  await page.getByLabel('Username').fill(who.username)
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByLabel('Name', { exact: true }).fill(who.name)
  await page.getByRole('button', { name: 'Sign up' }).click()
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })

    test('a visitor is led to the log-in page, and back to where they wanted to go', async ({ serve, page, guard }) => {
      guard.provoke(/\/login$/, /401/, { optional: true })
      const { server, ada } = await closed(serve)
      const { id } = await ada.tweets('for members only')
      await page.goto(`${server.url}/tweet/${id}`)
      await expect(page).toHaveURL(`${server.url}/login`)
      await expect(page.getByText('for members only')).toHaveCount(0)
      // What stands on the page leads nowhere else without a session.
      await page.getByRole('link', { name: 'Siskin' }).first().click()
      await expect(page).toHaveURL(`${server.url}/login`)
      await page.goto(`${server.url}/@${ada.username}`)
      await expect(page).toHaveURL(`${server.url}/login`)
      await logsIn(page, new Person(server.url, ada.username, ada.name, 'not the password'))
      await expect(page.getByRole('alert')).toContainText('wrong')
      await logsIn(page, ada)
      await expect(page).toHaveURL(`${server.url}/@${ada.username}`)
      await expect(page.getByText('for members only')).toBeVisible()
      if (javaScriptEnabled) await hydrated(page)

      await page.getByRole('button', { name: 'Log out' }).click()
      await expect(page).toHaveURL(`${server.url}/login`)
      await expect(page.getByText('You are logged out.')).toBeVisible()
    })

    test('an admin invites, a guest signs up by the link, and nobody else does', async ({ serve, page, newBrowser, guard }) => {
      guard.provoke(/\/signup/, /4\d\d/, { optional: true })
      const { server, ada } = await closed(serve)
      await page.goto(`${server.url}/settings/invitations`)
      await logsIn(page, ada)
      await expect(page).toHaveURL(`${server.url}/settings/invitations`)
      await expect(page.getByText('You have invited nobody.')).toBeVisible()
      const link = await invites(page)
      expect(link).toContain(`${server.url}/signup?invite=`)

      const guest = await newBrowser()
      await guest.goto(`${server.url}/signup`)
      await expect(guest.getByText('Joining needs an invitation here.')).toBeVisible()
      await expect(guest.getByLabel('Username')).toHaveCount(0)
      await guest.goto(link)
      const ben = new Person(server.url, freshUsername('ben'), 'Ben')
      // Whoever errs keeps what was typed, and the invitation.
      await signsUp(guest, new Person(server.url, ada.username, 'Ben', ben.password))
      await expect(guest.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true')
      await expect(guest.getByLabel('Name', { exact: true })).toHaveValue('Ben')
      await signsUp(guest, ben)
      await expect(guest.getByRole('button', { name: 'Log out' })).toBeVisible()
      await expect(guest).toHaveURL(`${server.url}/`)

      const other = await newBrowser()
      await other.goto(link)
      await expect(other.getByText('is used up')).toBeVisible()
      await expect(other.getByLabel('Username')).toHaveCount(0)

      await page.goto(`${server.url}/settings/invitations`)
      await expect(page.locator('.written li')).toContainText('1 of 1 used')
      await expect(page.locator('.written li').getByRole('link', { name: 'Ben' })).toBeVisible()
      await page.getByRole('button', { name: 'Revoke For Ben' }).click()
      await expect(page.getByText('That invitation counts no more.')).toBeVisible()
      await expect(page.getByText('You have invited nobody.')).toBeVisible()
      // Guests may not invite here.
      await guest.goto(`${server.url}/settings/invitations`)
      await expect(guest.getByText('You may not invite people here.')).toBeVisible()
    })
  })
}

test('where everybody may read, links lead past the app to the page for the invited', async ({ serve, page }) => {
  const server = await serve({ env: { SISKIN_REGISTRATION: 'closed' } })
  for (const [path, link] of [
    ['/', 'Sign up'],
    ['/', 'Join Siskin'],
    ['/login', 'Make an account'],
  ]) {
    await open(page, server.url + path)
    await page.getByRole('link', { name: link }).first().click()
    await expect(page).toHaveURL(`${server.url}/signup`)
    await expect(page.getByText('Nobody can sign up here at the moment.')).toBeVisible()
    await expect(page.getByLabel('Username')).toHaveCount(0)
  }
})
