import type { Page } from '@playwright/test'
import { expect, open, Person, Server, test } from '../fixtures/test'

/** A server with two people and a moderator, each signed in to a browser of their own. */
async function scene(server: Server, newBrowser: () => Promise<Page>) {
  const people = []
  for (const stem of ['rude', 'witness', 'judge']) people.push(await Person.register(server.url, { stem }))
  const [rude, , judge] = people
  server.command(['user', 'role', judge.username, 'moderator'])
  const pages = []
  for (const person of people) {
    const page = await newBrowser()
    await person.signsIn(page)
    pages.push(page)
  }
  return { server, rude, judge, rudePage: pages[0], witnessPage: pages[1], judgePage: pages[2] }
}

test('a report leads to a suspension, and its end brings all back', async ({ serve, newBrowser, guard, page }) => {
  const { server, rude, rudePage, witnessPage, judgePage } = await scene(await serve(), newBrowser)
  const tweet = await rude.tweets('You are all stupid.')
  guard.provoke(/\/@rude|\/tweet\/|\/tweets$/, /40[34]/, { optional: true })
  guard.provoke(/\/moderation\/reports\//, /422/)

  await open(witnessPage, `${server.url}/tweet/${tweet.id}`)
  await witnessPage.getByRole('link', { name: 'Report' }).click()
  await expect(witnessPage.getByRole('heading', { level: 1 })).toHaveText('Report this tweet')
  await expect(witnessPage.getByText('You are all stupid.')).toBeVisible()
  await witnessPage.getByLabel('What is wrong?').fill('Insults everybody.')
  await witnessPage.getByRole('button', { name: 'Report' }).click()
  await expect(witnessPage.getByText('Thank you. Moderators will look at it.')).toBeVisible()

  await open(judgePage, `${server.url}/profile`)
  await judgePage.getByRole('link', { name: 'Moderation' }).click()
  const report = judgePage.getByRole('region', { name: `A tweet by @${rude.username}` })
  await expect(report).toContainText('Insults everybody.')
  await expect(report).toContainText('You are all stupid.')
  // An act without a reason is refused, and says so at its field.
  await report.getByRole('button', { name: 'Suspend' }).click()
  await expect(judgePage.getByText('Say why, in a few words.')).toBeVisible()
  await report.getByLabel('What you do, and why').fill('Insulted everybody.')
  await report.getByRole('button', { name: 'Suspend' }).click()
  await expect(judgePage.getByText('The report is done with.')).toBeVisible()
  await expect(judgePage.getByText('Nothing is reported. All is well.')).toBeVisible()

  const visit = async (path: string) => (await page.goto(server.url + path))!.status()
  expect(await visit(`/@${rude.username}`)).toBe(404)
  expect(await visit(`/tweet/${tweet.id}`)).toBe(404)
  await page.goto(server.url)
  await expect(page.getByText('You are all stupid.')).toHaveCount(0)
  await open(rudePage, server.url)
  await expect(rudePage.locator('.notice')).toContainText('A moderator has suspended your account.')
  await expect(rudePage.locator('.notice')).toContainText('Insulted everybody.')

  await judgePage.goto(`${server.url}/moderation/people/${rude.username}`)
  await expect(judgePage.getByText('Suspended: Insulted everybody.')).toBeVisible()
  await judgePage.getByLabel('What you do, and why').fill('Said sorry.')
  await judgePage.getByRole('button', { name: 'End the suspension' }).click()
  await expect(judgePage.getByText('It is done.')).toBeVisible()
  expect(await visit(`/@${rude.username}`)).toBe(200)
  await expect(page.getByText('You are all stupid.')).toBeVisible()
  await open(rudePage, server.url)
  await expect(rudePage.locator('.notice')).toHaveCount(0)

  await judgePage.goto(`${server.url}/moderation/log`)
  await expect(judgePage.getByRole('listitem').first()).toContainText('ended the suspension of')
  await expect(judgePage.getByRole('listitem').first()).toContainText('Said sorry.')
})

test('a hidden tweet leaves open pages at once and comes back', async ({ serve, newBrowser, guard, page }) => {
  const { server, rude, rudePage, judgePage } = await scene(await serve(), newBrowser)
  const tweet = await rude.tweets('Buy this now.')
  guard.provoke(/\/tweet\//, /404/, { optional: true })
  await open(page, server.url)
  await expect(page.getByText('Buy this now.')).toBeVisible()

  await judgePage.goto(`${server.url}/moderation/tweets/${tweet.id}`)
  await judgePage.getByLabel('Why: its author will read it').fill('An advertisement.')
  await judgePage.getByRole('button', { name: 'Hide it' }).click()
  await expect(judgePage.getByText('It is done.')).toBeVisible()
  await expect(page.getByText('Buy this now.')).toHaveCount(0)

  await open(rudePage, `${server.url}/tweet/${tweet.id}`)
  await expect(rudePage.locator('.notice')).toContainText('A moderator has hidden this tweet.')
  await expect(rudePage.locator('.notice')).toContainText('An advertisement.')
  await judgePage.getByLabel('Why: its author will read it').fill('It was none.')
  await judgePage.getByRole('button', { name: 'Show it again' }).click()
  await open(page, server.url)
  await expect(page.getByText('Buy this now.')).toBeVisible()
})

test('a warning stays until it was read, and the pages fit a phone', async ({ serve, newBrowser }) => {
  const { server, rude, rudePage, judgePage } = await scene(await serve(), newBrowser)
  await judgePage.setViewportSize({ width: 360, height: 640 })
  await judgePage.goto(`${server.url}/moderation/people/${rude.username}`)
  const wider = await judgePage.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(wider).toBeLessThanOrEqual(0)
  // By keyboard alone.
  await judgePage.getByLabel('What you do, and why').focus()
  await judgePage.keyboard.type('Be polite.')
  await judgePage.keyboard.press('Tab')
  await expect(judgePage.getByRole('button', { name: 'Warn' })).toBeFocused()
  await judgePage.keyboard.press('Enter')
  await expect(judgePage.getByText('It is done.')).toBeVisible()

  await open(rudePage, server.url)
  const notice = rudePage.locator('.notice')
  await expect(notice).toContainText('A moderator has warned you. “Be polite.”')
  await open(rudePage, `${server.url}/@${rude.username}`)
  await notice.getByRole('button', { name: 'I have read it' }).click()
  await expect(rudePage.getByText('The warning is gone.')).toBeVisible()
  await expect(notice).toHaveCount(0)
})
