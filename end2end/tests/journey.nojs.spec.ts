import { expect, Person, test } from '../fixtures/test'
import { freshUsername } from '../fixtures/person'

test('the whole journey works without JavaScript', async ({ page }) => {
  const username = freshUsername('plain')
  const text = `no scripts needed, ${username}`
  const tweet = page.locator('article.tweet').filter({ hasText: text })

  await page.goto('/')
  await page.getByRole('link', { name: 'Sign up' }).first().click()
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('E-mail').fill(`${username}@example.org`)
  await page.getByLabel('Password').fill('plain old forms')
  await page.getByLabel('Name', { exact: true }).fill('Plain Jane')
  await page.getByRole('button', { name: 'Sign up' }).click()
  await expect(page.getByText('Plain Jane').first()).toBeVisible()

  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('link', { name: 'Log in' }).first().click()
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill('plain old forms')
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible()

  await page.goto('/')
  await page.getByLabel('How you doing?').fill(text)
  await page.getByRole('button', { name: 'Tweet', exact: true }).click()
  await expect(tweet).toHaveCount(1)
  await expect(tweet.locator('time')).toHaveText(/now|ago/)
  // A reload must not send the form again: the answer was a redirect.
  await page.reload()
  await expect(tweet).toHaveCount(1)

  await page.getByRole('link', { name: 'Profile' }).first().click()
  await page.locator('input[name=name]').fill('Plainer Jane')
  await page.locator('[name=bio]').fill('I like forms.')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await expect(page.getByText(/saved/i).first()).toBeVisible()
  await page.goto(`/@${username}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Plainer Jane')
  await expect(page.getByText('I like forms.')).toBeVisible()
  await expect(tweet).toHaveCount(1)

  await page.getByRole('button', { name: 'Log out' }).click()
  await page.goto('/profile')
  await expect(page).toHaveURL(/\/login/)
})

test('older tweets are a link away', async ({ page, ana }) => {
  for (let i = 1; i <= 25; i++) await ana.tweets(`page me ${i}.`)
  await page.goto(`/@${ana.username}`)
  await expect(page.locator('article.tweet')).toHaveCount(20)
  await page.getByRole('link', { name: /older|more/i }).click()
  await expect(page.locator('article.tweet').filter({ hasText: 'page me 1.' })).toHaveCount(1)
  await expect(page.locator('article.tweet')).toHaveCount(5)
})

test('every page can be read and says its title without JavaScript', async ({ page, ana }) => {
  const { id } = await ana.tweets('read me plainly')
  for (const path of ['/', '/login', '/signup', `/@${ana.username}`, `/tweet/${id}`]) {
    expect((await page.goto(path))?.status(), path).toBe(200)
    await expect(page.locator('h1'), path).toHaveCount(1)
    expect((await page.title()).length, path).toBeGreaterThan(3)
  }
  await page.goto(`/tweet/${id}`)
  await expect(page.getByText('read me plainly').first()).toBeVisible()
})

test('whoever was refused keeps what they typed, but no password', async ({ page, ana, guard }) => {
  guard.provoke(/\/signup$/, /4\d\d/, { optional: true })
  await page.goto('/signup')
  await page.getByLabel('Username').fill(ana.username)
  await page.getByLabel('E-mail').fill('someone.else@example.org')
  await page.getByLabel('Password').fill('long enough, surely')
  await page.getByLabel('Name', { exact: true }).fill('Not Ana')
  await page.getByRole('button', { name: 'Sign up' }).click()
  await expect(page.locator('#username-error')).toContainText(/already/i)
  await expect(page.getByLabel('Username')).toHaveValue(ana.username)
  await expect(page.getByLabel('E-mail')).toHaveValue('someone.else@example.org')
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Not Ana')
  await expect(page.getByLabel('Password')).toHaveValue('')
})

test('a wrong login is said once, for the whole form', async ({ page, ana, guard }) => {
  guard.provoke(/\/login$/, /4\d\d/, { optional: true })
  await page.goto('/login')
  await page.getByLabel('Username').fill(ana.username)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(1)
  await expect(page.getByLabel('Username')).toHaveValue(ana.username)
})

test('an author deletes a tweet without JavaScript', async ({ page, ana }) => {
  const { id } = await ana.tweets(`plainly gone, ${ana.username}`)
  await ana.signsIn(page)
  await page.goto(`/tweet/${id}`)
  await page.getByRole('button', { name: 'Delete tweet' }).click()
  await expect(page.getByRole('heading', { name: 'Delete this tweet?' })).toBeVisible()
  await page.getByRole('link', { name: 'Keep' }).click()
  await page.getByRole('button', { name: 'Delete tweet' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.goto(`/@${ana.username}`)
  await expect(page.locator('article.tweet')).toHaveCount(0)
})

test('sessions are ended and tokens made without JavaScript', async ({ page, newBrowser, ana }) => {
  const other = await newBrowser()
  await ana.signsIn(page)
  await ana.signsIn(other)
  await page.goto('/profile')
  await page.getByRole('link', { name: 'Sessions and tokens' }).click()
  await page.getByRole('button', { name: /^End (?!all)/ }).click()
  await expect(page.getByText('That session has ended.')).toBeVisible()
  await other.goto('/profile')
  await expect(other).toHaveURL(/\/login/)
  await page.getByLabel('Name', { exact: true }).fill('plain')
  await page.getByRole('button', { name: 'Make a token' }).click()
  await expect(page.locator('.secret code')).toHaveText(/^sk_/)
  await page.getByRole('button', { name: 'End all others' }).click()
  await expect(page.getByText('You have no tokens.')).toBeVisible()
})

test('strangers cannot post to the forms of others', async ({ site, request }) => {
  const ben = await Person.register(site.url, { stem: 'ben' })
  const answer = await request.post('/tweets', { form: { body: `not ${ben.username}` }, headers: { origin: site.url }, maxRedirects: 0 })
  expect([303, 401]).toContain(answer.status())
  const { tweets_list: tweets } = await (await request.get(`/api/v2/tweets/${ben.username}`)).json()
  expect(tweets).toEqual([])
})

test('a session that ended costs no word', async ({ page, context, ana, guard }) => {
  guard.provoke(/\/tweets$/, /401/, { optional: true })
  await ana.signsIn(page)
  await page.goto('/')
  await page.getByLabel('How you doing?').fill('first line\nsecond line')
  await context.clearCookies()
  await page.getByRole('button', { name: 'Tweet', exact: true }).click()
  await expect(page.getByRole('alert')).toHaveText('Log in first.')
  const kept = page.locator('p.note').filter({ hasText: 'first line' })
  await expect(kept).toBeVisible()
  await expect(kept).toHaveCSS('white-space', 'pre-wrap')
})
