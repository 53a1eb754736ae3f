import { expect, Person, test } from '../fixtures/test'

test('reporting and moderating work without JavaScript', async ({ serve, newBrowser, guard, page }) => {
  const server = await serve()
  const rude = await Person.register(server.url, { stem: 'rude' })
  const judge = await Person.register(server.url, { stem: 'judge' })
  server.command(['user', 'role', judge.username, 'moderator'])
  guard.provoke(/\/@rude/, /404/, { optional: true })
  guard.provoke(/\/report$/, /422/)
  await rude.tweets('You are all stupid.')
  const [witnessPage, judgePage] = [await newBrowser(), await newBrowser()]
  await (await Person.register(server.url, { stem: 'witness' })).signsIn(witnessPage)
  await judge.signsIn(judgePage)

  await witnessPage.goto(`${server.url}/@${rude.username}`)
  await witnessPage.getByRole('link', { name: 'Report' }).click()
  await witnessPage.getByRole('button', { name: 'Report' }).click()
  await expect(witnessPage.getByText('Say why, in a few words.')).toBeVisible()
  await witnessPage.getByLabel('What is wrong?').fill('Insults everybody.')
  await witnessPage.getByRole('button', { name: 'Report' }).click()
  await expect(witnessPage.getByText('Thank you. Moderators will look at it.')).toBeVisible()

  await judgePage.goto(`${server.url}/moderation`)
  await judgePage.getByLabel('What you do, and why').fill('Insulted everybody.')
  await judgePage.getByRole('button', { name: 'Suspend' }).click()
  await expect(judgePage.getByText('Nothing is reported. All is well.')).toBeVisible()
  expect((await page.goto(`${server.url}/@${rude.username}`))!.status()).toBe(404)

  await judgePage.goto(`${server.url}/moderation/people/${rude.username}`)
  await judgePage.getByLabel('What you do, and why').fill('Said sorry.')
  await judgePage.getByRole('button', { name: 'End the suspension' }).click()
  await expect(judgePage.getByText('It is done.')).toBeVisible()
  expect((await page.goto(`${server.url}/@${rude.username}`))!.status()).toBe(200)
  await expect(page.getByText('You are all stupid.')).toBeVisible()
})
