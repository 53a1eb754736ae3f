import { readFile } from 'node:fs/promises'
import { expect, open, test } from '../fixtures/test'

test('a person downloads their data', async ({ page, ana }) => {
  await ana.signsIn(page)
  await open(page, '/settings/sessions')
  await page.getByRole('link', { name: 'Your data' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download my data' }).click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(new RegExp(`^siskin-${ana.username}-\\d{4}-\\d\\d-\\d\\d\\.zip$`))
  const bytes = await readFile(await file.path())
  expect(bytes.subarray(0, 2).toString()).toBe('PK')
})

test('a person deletes their account, and is gone', async ({ page, guard, ana }) => {
  await ana.tweets('soon gone')
  await ana.signsIn(page)
  await open(page, '/settings/account/delete')
  await page.getByLabel('Your username').fill(ana.username)
  await page.getByLabel('Your password').fill('not the right one')
  guard.provoke(/\/settings\/account\/delete$/, /422/, { optional: true })
  await page.getByRole('button', { name: 'Delete my account for good' }).click()
  await expect(page.getByText('That is not the current password.')).toBeVisible()
  await expect(page.getByLabel('Your username')).toHaveValue(ana.username)
  await page.getByLabel('Your password').fill(ana.password)
  await page.getByRole('button', { name: 'Delete my account for good' }).click()
  await expect(page.locator('.flash')).toContainText('Your account is deleted')
  await expect(page.getByText('soon gone')).toHaveCount(0)
  guard.provoke(new RegExp(`/@${ana.username}`), /404/, { optional: true })
  const answer = await page.goto(`/@${ana.username}`)
  expect(answer?.status()).toBe(404)
})
