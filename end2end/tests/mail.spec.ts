import AxeBuilder from '@axe-core/playwright'
import { expect, hydrated, open, test as plain } from '../fixtures/test'
import { test } from '../fixtures/mail'
import { resets, verifies } from '../fixtures/links'

test('a person signs up, gets a mail and verifies the address', async ({ page, mailing, mailbox }) => {
  await verifies(page, mailing.url, mailbox, open)
})

test('a person who forgot the password gets a mail and a new one', async ({ page, mailing, mailbox, guard }) => {
  // The password that is refused.
  guard.provoke(/\/account\/reset$/, /422/, { optional: true })
  await resets(page, mailing.url, mailbox, open)
})

test('the address of a link stays where it is', async ({ page, mailing, mailbox, request }) => {
  const referers: string[] = []
  page.on('request', async (sent) => referers.push((await sent.allHeaders())['referer'] ?? ''))
  const email = 'referer@example.org'
  const data = { username: 'referer', email, password: 'correct horse battery' }
  expect((await request.post(`${mailing.url}/api/v1/users`, { data })).status()).toBe(201)
  const link = await mailbox.link(email, 'Is this address yours?')
  await open(page, mailing.url + link)
  await page.getByRole('button', { name: 'Yes, it is mine' }).click()
  await hydrated(page)
  expect(referers.filter((referer) => referer.includes('token='))).toEqual([])
})

test('the pages of links are as readable as the others', async ({ page, mailing }) => {
  for (const path of ['/account/forgot', '/account/reset?token=x', '/account/verify?token=x']) {
    await open(page, mailing.url + path)
    await expect(page.locator('h1'), path).toHaveCount(1)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations, path).toEqual([])
  }
})

plain('without mail the pages say who can help', async ({ page, ana }) => {
  await open(page, '/account/forgot')
  await expect(page.getByText('This server sends no mail.')).toBeVisible()
  await ana.signsIn(page)
  await open(page, '/settings/mail')
  await expect(page.getByText(ana.email)).toBeVisible()
  await expect(page.getByText('This server sends no mail')).toBeVisible()
})
