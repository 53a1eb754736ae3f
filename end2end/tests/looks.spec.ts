import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, open, Person, test } from '../fixtures/test'

const SHOTS = '../target/screenshots'
const WIDTHS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } }
const THEMES = ['light', 'dark'] as const

/** Photographs the page as it is and lets axe look at it, in both widths and both themes. */
async function inspect(page: Page, name: string): Promise<void> {
  for (const [width, viewport] of Object.entries(WIDTHS)) {
    await page.setViewportSize(viewport)
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${theme}.png` })
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze()
      const found = violations.map((one) => ({
        rule: one.id,
        help: one.help,
        nodes: one.nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
      }))
      expect(found, `axe on ${name}, ${width}, ${theme}`).toEqual([])
    }
  }
}

test.describe('accessible in both themes and widths, and photographed', () => {
  // Each page is looked at four times, which takes axe a second or two each.
  test.describe.configure({ timeout: 90_000 })

  test('an empty server', async ({ serve, page }) => {
    const server = await serve()
    await open(page, `${server.url}/`)
    await expect(page.locator('.empty')).toBeVisible()
    await inspect(page, 'home-empty-visitor')
    const ana = await Person.register(server.url, { name: 'Ana Costa' })
    await ana.signsIn(page)
    await open(page, `${server.url}/`)
    await inspect(page, 'home-empty')
    await open(page, `${server.url}/@${ana.username}`)
    await inspect(page, 'person-empty')
  })

  test('a lively server, for visitors', async ({ serve, page }) => {
    const server = await serve({ demo: true })
    await open(page, `${server.url}/`)
    await expect(page.locator('article.tweet')).not.toHaveCount(0)
    await expect(page.getByText('Eric Stromberg').first()).toBeVisible()
    await inspect(page, 'home-visitor')
    const { tweets_list: tweets } = await (await page.request.get(`${server.url}/api/v2/tweets`)).json()
    await open(page, `${server.url}/@${tweets[0].tweetedby}`)
    await inspect(page, 'person')
    await open(page, `${server.url}/tweet/${tweets[0].id}`)
    await inspect(page, 'tweet')
  })

  test('a lively server, for members', async ({ serve, page }) => {
    const server = await serve({ demo: true })
    const ana = await Person.register(server.url, { name: 'Ana Costa' })
    await ana.tweets('Good morning from the first page of the book 🐦 #cloudnative')
    await ana.signsIn(page)
    await open(page, `${server.url}/`)
    await inspect(page, 'home')
    await open(page, `${server.url}/profile`)
    await inspect(page, 'profile')
    await open(page, `${server.url}/settings/sessions`)
    await inspect(page, 'sessions')
    await page.getByLabel('Name', { exact: true }).fill('my feed')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await expect(page.locator('.secret')).toBeVisible()
    await inspect(page, 'sessions-token')
  })

  test('what comes over a page: a dialog, a pill', async ({ serve, page }) => {
    const server = await serve({ demo: true })
    const ana = await Person.register(server.url, { name: 'Ana Costa' })
    const ben = await Person.register(server.url, { name: 'Ben Okri', stem: 'ben' })
    await ana.tweets('Good morning from the first page of the book 🐦 #cloudnative')
    await ana.signsIn(page)
    await open(page, `${server.url}/`)
    await page.getByRole('button', { name: 'Delete tweet' }).first().click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await inspect(page, 'delete')
    await page.getByRole('button', { name: 'Keep' }).click()
    await ben.tweets('A pill for Ana')
    await expect(page.getByRole('button', { name: '1 new tweet' })).toBeVisible()
    await inspect(page, 'home-pill')
  })

  test('forms, as they come and as they are refused', async ({ page }) => {
    for (const path of ['/login', '/signup']) {
      await open(page, path)
      await inspect(page, path.slice(1))
    }
    await page.getByLabel('Username').fill('2 much')
    await page.getByLabel('E-mail').fill('nowhere')
    await page.getByRole('button', { name: 'Sign up' }).click()
    await expect(page.locator('#username-error')).not.toBeEmpty()
    await inspect(page, 'signup-refused')
  })

  test('a page that is not there', async ({ page, guard }) => {
    guard.provoke(/./, /404/)
    await open(page, '/no/such/page')
    await inspect(page, 'not-found')
  })
})
