import type { Browser, Page } from '@playwright/test'
import { expect, open, Person, test } from '../fixtures/test'

/** The page's text as the server sent it, with nothing run. */
async function serverText(browser: Browser, url: string): Promise<string> {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(url)
  const text = await shown(page)
  await context.close()
  return text
}

/**
 * The text of the page but for what only helps with JavaScript, such as "Show password". A relative
 * time goes on in the moments between two readings, so its exact one stands in for it.
 */
const shown = (page: Page) =>
  page.locator('main').evaluate((main) => {
    const copy = main.cloneNode(true) as HTMLElement
    for (const extra of copy.querySelectorAll('.js-only, script, style, template')) extra.remove()
    for (const time of copy.querySelectorAll('time')) time.textContent = time.dateTime
    return copy.textContent ?? ''
  })

const plain = (text: string) => text.replace(/\s+/g, ' ').trim()

test('hydration leaves what the server rendered as it was', async ({ serve, page, browser }) => {
  const server = await serve({ demo: true })
  const ben = await Person.register(server.url, { stem: 'ben' })
  const { id } = await ben.tweets('unchanged #hydration')
  for (const path of ['/', '/login', '/signup', `/@${ben.username}`, `/tweet/${id}`]) {
    const before = plain(await serverText(browser, server.url + path))
    await open(page, server.url + path)
    expect(plain(await shown(page)), path).toBe(before)
    expect(before.length, path).toBeGreaterThan(10)
  }
})

test('the page’s data comes with the page: nothing is fetched again to show it', async ({ page, ana }) => {
  await ana.tweets('once is enough')
  const fetched: string[] = []
  page.on('request', (request) => {
    // Asking for what came since the page was rendered is how nothing is lost.
    if (/\/api\/v\d\/(tweets|users)/.test(request.url()) && !request.url().includes('after=')) fetched.push(request.url())
  })
  for (const path of ['/', `/@${ana.username}`]) {
    await open(page, path)
    await expect(page.locator('article.tweet').filter({ hasText: 'once is enough' })).not.toHaveCount(0)
  }
  expect(fetched).toEqual([])
})

test('relative times stay fresh', async ({ page, ana }) => {
  await page.clock.install()
  const text = `tick ${ana.username}`
  await ana.tweets(text)
  await open(page, `/@${ana.username}`)
  const time = page.locator('article.tweet').filter({ hasText: text }).locator('time')
  await expect(time).toHaveText(/now|second/)
  await page.clock.fastForward('05:00')
  await expect(time).toHaveText(/[45] minutes ago/)
})
