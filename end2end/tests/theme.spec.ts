import { expect, hydrated, open, test } from '../fixtures/test'
import type { Page } from '@playwright/test'

/** What the page is painted on: the canvas of `html`, unless `body` has a colour of its own. */
const background = (page: Page) =>
  page.evaluate(() => {
    const colours = [document.body, document.documentElement].map((one) => getComputedStyle(one).backgroundColor)
    return colours.find((colour) => colour !== 'rgba(0, 0, 0, 0)') ?? 'none'
  })
/** 0 is black, 1 is white. */
const lightness = async (page: Page) => {
  const [r, g, b] = await page.evaluate((colour) => {
    // A canvas turns any notation of a colour into numbers.
    const context = document.createElement('canvas').getContext('2d')!
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data]
  }, await background(page))
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255
}
async function choose(page: Page, name: string): Promise<void> {
  const group = page.getByRole('group', { name: 'Colours' })
  const radio = group.getByRole('radio', { name, exact: true })
  if (await radio.count()) await radio.check({ force: true })
  else await group.getByRole('button', { name, exact: true }).click()
}

test('colours follow the system until one is chosen', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await open(page, '/')
  expect(await lightness(page)).toBeGreaterThan(0.7)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(() => lightness(page)).toBeLessThan(0.3)
  await choose(page, 'Light')
  await expect.poll(() => lightness(page)).toBeGreaterThan(0.7)
  await choose(page, 'System')
  await expect.poll(() => lightness(page)).toBeLessThan(0.3)
})

test('a chosen theme stays after a reload and on other pages, and the first paint has it already', async ({ page, context }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await open(page, '/')
  await choose(page, 'Dark')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await expect.poll(() => lightness(page)).toBeLessThan(0.3)
  const dark = await background(page)

  // Without the WebAssembly nothing but the server's own HTML and CSS can have made it dark.
  await page.route(/\.wasm/, () => {})
  for (const path of ['/', '/login']) {
    await page.goto(path, { waitUntil: 'commit' })
    await expect(page.locator('h1').first()).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
    await expect.poll(() => background(page)).toBe(dark)
  }
  await page.unroute(/\.wasm/)
  await open(page, '/signup')
  expect(await background(page)).toBe(dark)
  await hydrated(page)
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  const cookie = (await context.cookies()).find((one) => one.name === 'theme')
  expect(cookie?.value).toBe('dark')
})

test('whoever asked for less motion gets none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await open(page, '/')
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')].filter((element) => {
      const style = getComputedStyle(element)
      const longest = (list: string) => Math.max(...list.split(',').map((one) => parseFloat(one) * (one.includes('ms') ? 1 : 1000)))
      return longest(style.transitionDuration) > 10 || (style.animationName !== 'none' && longest(style.animationDuration) > 10)
    }).map((element) => element.outerHTML.slice(0, 80)),
  )
  expect(moving).toEqual([])
})
