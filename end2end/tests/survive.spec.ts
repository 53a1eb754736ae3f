import { expect, hydrated, open, Person, test } from '../fixtures/test'
import { Home } from '../fixtures/home'

test('after kill -9 the session and every tweet are still there', async ({ serve, page, guard }) => {
  const server = await serve()
  const ana = await Person.register(server.url, { name: 'Ana Costa' })
  const home = new Home(page)
  await ana.signsIn(page)
  await open(page, `${server.url}/`)
  await home.post('written just before the end')
  guard.provoke(/\/api\/v2\/stream/, /./, { optional: true })
  await server.end('SIGKILL')
  await server.restart()
  await page.reload()
  await hydrated(page)
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible()
  await expect(home.tweet('written just before the end')).toHaveCount(1)
  await home.post('and on we go')
})

test('SIGTERM drains and exits 0 within 10 seconds, open streams or not', async ({ serve, page, guard }) => {
  const server = await serve()
  await open(page, `${server.url}/`)
  await page.waitForFunction(() => performance.getEntriesByType('resource').length > 0)
  guard.provoke(/\/api\/v2\/stream/, /./, { optional: true })
  const ended = await server.end('SIGTERM')
  expect(ended).toMatchObject({ code: 0, signal: null })
  expect(ended.ms).toBeLessThan(10_000)
})
