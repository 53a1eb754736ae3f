import { expect, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'

for (const keys of ['Control+Enter', 'Meta+Enter']) {
  test(`${keys} sends`, async ({ page, ana }) => {
    const home = new Home(page)
    await ana.signsIn(page)
    await open(page, '/')
    const text = `by ${keys}, ${ana.username}`
    await home.composer.fill(text)
    await home.composer.press(keys)
    await expect(home.tweet(text)).toHaveCount(1)
    await expect(home.tweet(text)).not.toHaveAttribute('data-pending')
    await expect(home.composer).toHaveValue('')
  })
}

test('the count of characters left is live, in characters and not in bytes', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  await expect(home.left).toContainText('280')
  await home.composer.fill('x'.repeat(10))
  await expect(home.left).toContainText('270')
  await home.composer.fill('日本語🐦')
  await expect(home.left).toContainText('276')
})

test('a tweet over the limit is refused beside the composer, before any request', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(request.url())
  })
  await home.composer.fill('y'.repeat(281))
  await expect(home.left).toContainText(/[-−–]\s*1|1 (character )?(too|over)/)
  await home.composer.press('Control+Enter')
  await expect(page.locator('#body-error')).toContainText('280')
  await expect(home.tweet('yyyy')).toHaveCount(0)
  expect(sent).toEqual([])

  await home.composer.fill('y'.repeat(280))
  await home.composer.press('Control+Enter')
  await expect(home.tweet('y'.repeat(280))).toHaveCount(1)
})

test('an empty tweet is not sent', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(request.url())
  })
  await home.composer.fill('   ')
  await home.composer.press('Control+Enter')
  await expect(page.locator('article[data-pending]')).toHaveCount(0)
  expect(sent).toEqual([])
})

test('visitors see no composer, but where to sign up', async ({ page }) => {
  await open(page, '/')
  await expect(new Home(page).composer).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Sign up' }).first()).toBeVisible()
})

test('more tweets come on scrolling, each once', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  for (let i = 1; i <= 50; i++) await ben.tweets(`number ${i}.`)
  const home = new Home(page)
  await open(page, `${server.url}/`)
  await expect(home.tweets).toHaveCount(20)
  await expect(async () => {
    await home.tweets.last().scrollIntoViewIfNeeded()
    await page.mouse.wheel(0, 2000)
    expect(await home.tweets.count()).toBe(50)
  }).toPass({ timeout: 10_000 })
  const ids = await home.tweets.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.id))
  expect(new Set(ids).size).toBe(50)
  await expect(home.tweets.last()).toContainText('number 1.')
})

test('a double click sends once and is no mistake', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  const text = `twice pressed by ${ana.username}`
  await home.composer.fill(text)
  await home.send.dblclick()
  await expect(home.tweet(text)).toHaveCount(1)
  await expect(home.tweet(text)).not.toHaveAttribute('data-pending')
  await expect(page.locator('#body-error')).toBeEmpty()
})

test('keys that are held send once', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, '/')
  await home.composer.fill(`first, ${ana.username}`)
  await page.keyboard.down('Control')
  await page.keyboard.down('Enter')
  await expect(home.composer).toHaveValue('')
  await home.composer.fill(`not yet, ${ana.username}`)
  await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  await page.keyboard.up('Control')
  await expect(home.tweet(`first, ${ana.username}`)).not.toHaveAttribute('data-pending')
  await expect(home.composer).toHaveValue(`not yet, ${ana.username}`)
  await expect(page.locator('#body-error')).toBeEmpty()
})

test('a draft is still there after a look at a hashtag and at somebody’s page', async ({ page, ana }) => {
  const home = new Home(page)
  await ana.signsIn(page)
  await ana.tweets(`about #${ana.username.replaceAll('.', '_')}`)
  await open(page, '/')
  await home.composer.fill('half a thought')
  await home.tweets.getByRole('link', { name: `#${ana.username.replaceAll('.', '_')}` }).click()
  await expect(page).toHaveURL(/tag=/)
  await expect(home.composer).toHaveValue('half a thought')
  await expect(home.left).toContainText('266')
  await page.locator('header a.me').click()
  await expect(page).toHaveURL(new RegExp(`/@${ana.username}$`))
  await expect(home.composer).toHaveCount(0)
  await page.getByRole('link', { name: 'Siskin' }).click()
  await expect(home.composer).toHaveValue('half a thought')
  await home.send.click()
  await expect(home.tweet('half a thought').first()).not.toHaveAttribute('data-pending')
})

test('a hashtag shows what there is when one presses it', async ({ serve, page }) => {
  const server = await serve()
  const ben = await Person.register(server.url, { stem: 'ben' })
  await ben.tweets('kept #x')
  const { id } = await ben.tweets('gone #x')
  const home = new Home(page)
  await open(page, `${server.url}/`)
  await expect(home.tweets).toHaveCount(2)
  await ben.deletes(id)
  await expect(home.tweets).toHaveCount(1)
  await ben.tweets('newer #x')
  await expect(home.pill(1)).toBeVisible()
  await home.tweet('kept').getByRole('link', { name: '#x' }).click()
  await expect(home.tweets).toHaveText([/newer #x/, /kept #x/])
})
