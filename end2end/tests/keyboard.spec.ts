import { expect, hydrated, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'
import { freshUsername } from '../fixtures/person'
import type { Locator, Page } from '@playwright/test'

/** Presses Tab until this has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) {
      await expectVisibleFocus(target)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`60 presses of Tab did not reach ${target}`)
}

/** Something must show where the focus is: an outline or a shadow. */
async function expectVisibleFocus(target: Locator): Promise<void> {
  const style = await target.evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
    return { outlineStyle, outlineWidth, boxShadow }
  })
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
  expect(outlined || style.boxShadow !== 'none', `focus is visible: ${JSON.stringify(style)}`).toBe(true)
}

test('the keyboard alone signs up, tweets, deletes and logs out', async ({ page }) => {
  const home = new Home(page)
  const username = freshUsername('kay')
  await open(page, '/')
  await tabTo(page, page.getByRole('link', { name: 'Sign up' }).first())
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/signup$/)

  const typed = {
    Username: username,
    'E-mail': `${username}@example.org`,
    Password: 'only with keys',
    Name: 'Kay Board',
  }
  for (const [label, text] of Object.entries(typed)) {
    await tabTo(page, page.getByLabel(label, { exact: true }))
    await page.keyboard.type(text)
  }
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible()
  if (new URL(page.url()).pathname !== '/') await open(page, '/')
  await hydrated(page)

  await tabTo(page, home.composer)
  await page.keyboard.type(`typed by ${username}`)
  await page.keyboard.press('Tab')
  await tabTo(page, home.send)
  await page.keyboard.press('Enter')
  const tweet = home.tweet(`typed by ${username}`)
  await expect(tweet).toHaveCount(1)
  await expect(tweet).not.toHaveAttribute('data-pending')

  await tabTo(page, tweet.getByRole('button', { name: 'Delete tweet' }))
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await tabTo(page, dialog.getByRole('button', { name: 'Delete' }))
  await page.keyboard.press('Enter')
  await expect(tweet).toHaveCount(0)

  await tabTo(page, page.getByRole('button', { name: 'Log out' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Log in' }).first()).toBeVisible()
})

test('the first press of Tab offers to skip to the content', async ({ page }) => {
  await open(page, '/')
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: /skip/i })
  await expect(skip).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/#/)
})

test('a dialog keeps the focus and gives it back', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  const text = `focus on ${ana.username}`
  await ana.tweets(text)
  await open(page, `/@${ana.username}`)
  const button = home.tweet(text).getByRole('button', { name: 'Delete tweet' })
  await button.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  for (let presses = 0; presses < 5; presses++) {
    await page.keyboard.press('Tab')
    const outside = await page.evaluate(
      () => document.activeElement !== document.body && !document.activeElement?.closest('dialog'),
    )
    expect(outside, 'the focus left the dialog').toBe(false)
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(button).toBeFocused()
})

test('whoever presses Older goes on at the first tweet that came', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  for (let i = 1; i <= 25; i++) await ben.tweets(`number ${i}. #x`)
  const home = new Home(page)
  await open(page, `${server.url}/?tag=x`)
  const older = page.getByRole('link', { name: 'Older' })
  await older.focus()
  await page.keyboard.press('Enter')
  await expect(home.tweets).toHaveCount(25)
  await expect(home.tweet('number 5.')).toBeFocused()
})

test('Older that finds nothing leads to itself', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  for (let i = 1; i <= 40; i++) await ben.tweets(`number ${i}.`)
  await open(page, `${server.url}/?tag=x`)
  const older = page.getByRole('link', { name: 'Older' })
  await older.focus()
  const came = page.waitForResponse(/before=/)
  await page.keyboard.press('Enter')
  await came
  await expect(older).toBeFocused()
})

test('a hashtag leads to the beginning of its page', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  await ben.tweets('look at #x')
  await open(page, `${server.url}/`)
  await page.locator('article.tweet').getByRole('link', { name: '#x' }).focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/tag=x/)
  await expect(page.locator('h1')).toBeFocused()
})
