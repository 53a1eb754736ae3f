import { expect, hydrated, open, test } from '../fixtures/test'
import { Home } from '../fixtures/home'
import { freshUsername } from '../fixtures/person'

test('the book’s journey: sign up, log in, tweet, see it, edit the profile, log out', async ({ page }) => {
  const username = freshUsername('eric')
  const password = 'eric@123-secret'
  const home = new Home(page)

  await test.step('opens the page and signs up', async () => {
    await open(page, '/')
    await page.getByRole('link', { name: 'Sign up' }).first().click()
    await expect(page).toHaveURL(/\/signup$/)
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('E-mail').fill(`${username}@example.org`)
    await page.getByLabel('Password').fill(password)
    await page.getByLabel('Name', { exact: true }).fill('Eric Stromberg')
    await page.getByRole('button', { name: 'Sign up' }).click()
    await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible()
  })

  await test.step('logs out and in again', async () => {
    await page.getByRole('button', { name: 'Log out' }).click()
    await expect(page.getByRole('button', { name: 'Log out' })).toHaveCount(0)
    await page.getByRole('link', { name: 'Log in' }).first().click()
    await expect(page).toHaveURL(/\/login$/)
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible()
    await expect(page.getByText('Eric Stromberg').first()).toBeVisible()
  })

  const text = `It is working well, says ${username}`
  await test.step('tweets and sees it with its time, before and after a reload', async () => {
    if (new URL(page.url()).pathname !== '/') await open(page, '/')
    await hydrated(page)
    const tweet = await home.post(text)
    await expect(home.composer).toHaveValue('')
    await expect(tweet.locator('time')).toHaveText(/now|ago/)
    await expect(tweet).toContainText('Eric Stromberg')
    await expect(tweet).toContainText(`@${username}`)
    await page.reload()
    await hydrated(page)
    await expect(home.tweet(text)).toHaveCount(1)
    await expect(home.tweets.first()).toContainText(text)
    await expect(home.tweet(text).locator('time')).toHaveText(/now|ago/)
    await expect(home.tweet(text).locator('time')).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT.*Z$/)
  })

  await test.step('edits the profile, and the tweet bears the new name', async () => {
    await page.getByRole('link', { name: 'Profile' }).first().click()
    await expect(page).toHaveURL(/\/profile$/)
    await expect(page.locator('input[name=username]')).toHaveValue(username)
    await page.locator('input[name=name]').fill('Eric S.')
    await page.locator('[name=bio]').fill('Cloud native, mostly.')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText(/saved/i).first()).toBeVisible()
    await page.reload()
    await hydrated(page)
    await expect(page.locator('input[name=name]')).toHaveValue('Eric S.')
    await open(page, `/@${username}`)
    await expect(page.getByRole('heading', { name: 'Eric S.' })).toBeVisible()
    await expect(page.getByText('Cloud native, mostly.')).toBeVisible()
    await expect(home.tweet(text)).toContainText('Eric S.')
  })

  await test.step('logs out', async () => {
    await page.getByRole('button', { name: 'Log out' }).click()
    await expect(page.getByRole('link', { name: 'Log in' }).first()).toBeVisible()
    await open(page, '/')
    await expect(home.composer).toHaveCount(0)
    await expect(home.tweet(text)).toBeVisible()
    await page.goto('/profile')
    await expect(page).toHaveURL(/\/login/)
  })
})
