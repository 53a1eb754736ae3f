import { expect, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'

const ATTACKS = [
  '<script>window.stolen = 1</script>',
  '<img src=x onerror="window.stolen = 1">',
  '"><svg onload=window.stolen=1>',
  '</script><script>window.stolen = 1</script>',
  '</title><meta http-equiv="refresh" content="0;url=/stolen"><img src=x onerror="window.stolen=1">',
  '</textarea></p></article><script>window.stolen = 1</script>',
  'javascript:window.stolen=1 http://example.org/"onmouseover="window.stolen=1',
  '{{constructor.constructor("window.stolen=1")()}} <!-- --> ]]>',
]

test('whatever is tweeted is text, on every page that shows it', async ({ page, site }) => {
  const eve = await Person.register(site.url, { name: '<b onclick="stolen=1">Eve</b>', stem: 'eve' })
  const ids: number[] = []
  for (const attack of ATTACKS) ids.push((await eve.tweets(attack)).id)
  await eve.signsIn(page)
  const home = new Home(page)
  const pages = ids.map((id) => `/tweet/${id}`)
  for (const path of ['/', `/@${eve.username}`, ...pages, '/profile']) {
    await open(page, path)
    expect(new URL(page.url()).pathname).toBe(path)
    expect(await page.locator('meta[http-equiv], img[src=x]').count(), path).toBe(0)
    expect(await page.evaluate(() => (window as any).stolen), path).toBeUndefined()
    expect(await page.locator('article.tweet img, article.tweet script, article.tweet [onclick], article.tweet [onload]').count()).toBe(0)
    expect(await page.locator('a[href^="javascript:" i]').count(), path).toBe(0)
  }
  await open(page, `/@${eve.username}`)
  for (const attack of ATTACKS) await expect(home.tweets.filter({ hasText: attack.slice(0, 40) }).first()).toBeVisible()
  await expect(page.getByText('<b onclick="stolen=1">Eve</b>').first()).toBeVisible()
})

test('addresses, mentions and hashtags are links; nothing else is', async ({ page, site, ana }) => {
  const ben = await Person.register(site.url, { stem: 'ben' })
  await ana.tweets(`see https://example.org/a?b=1&c=2, @${ben.username} and #cloud; not mail@example.org`)
  await open(page, `/@${ana.username}`)
  const tweet = new Home(page).tweet('see https://example.org')
  const link = tweet.getByRole('link', { name: 'https://example.org/a?b=1&c=2' })
  await expect(link).toHaveAttribute('href', 'https://example.org/a?b=1&c=2')
  await expect(link).toHaveAttribute('rel', /noopener|noreferrer/)
  await expect(tweet.getByRole('link', { name: `@${ben.username}` })).toHaveAttribute('href', `/@${ben.username}`)
  await expect(tweet.getByRole('link', { name: '#cloud' })).toHaveCount(1)
  await expect(tweet.getByRole('link', { name: /mail@/ })).toHaveCount(0)
  await expect(tweet.getByRole('link', { name: '@example' })).toHaveCount(0)
})

test('long words wrap, and no page scrolls sideways', async ({ page, site }) => {
  const long = await Person.register(site.url, { name: 'W'.repeat(50), stem: 'extraordinarily.long' })
  await long.tweets('m'.repeat(280))
  const { id } = await long.tweets(`https://example.org/${'path'.repeat(50)}`)
  await long.signsIn(page)
  for (const width of [320, 390, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    for (const path of ['/', `/@${long.username}`, `/tweet/${id}`, '/profile', '/settings/sessions']) {
      await open(page, path)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(over, `${path} at ${width} pixels scrolls sideways`).toBeLessThanOrEqual(0)
    }
  }
})

test('emoji, right-to-left and Japanese come back as they were and read in their direction', async ({ page, ana }) => {
  const texts = ['👩‍👩‍👧‍👦 family and 🇺🇳 flag', 'مرحبا بالعالم، كيف حالك؟', '今日はとても良い天気ですね。', 'e\u0301 becomes \u00e9'.normalize('NFC')]
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  for (const text of texts) {
    await home.composer.fill(text)
    await home.send.click()
    await expect(home.tweet(text)).toHaveCount(1)
    await expect(home.tweet(text)).not.toHaveAttribute('data-pending')
  }
  await open(page, `/@${ana.username}`)
  for (const text of texts) await expect(home.tweet(text)).toHaveCount(1)
  const direction = await page.getByText(texts[1]).last().evaluate((element) => getComputedStyle(element.closest('[dir]') ?? element).direction)
  expect(direction).toBe('rtl')
})
