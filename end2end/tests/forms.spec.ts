import { expect, open, Person, test } from '../fixtures/test'
import { freshUsername } from '../fixtures/person'

test.describe('sign up', () => {
  test('says what is wrong beside each field, before submitting', async ({ page }) => {
    await open(page, '/signup')
    const username = page.getByLabel('Username')
    await expect(page.locator('#username-hint')).toContainText('beginning with a letter')
    await expect(page.getByLabel('Name', { exact: true })).toHaveAttribute('dir', 'auto')
    await username.fill('2 much')
    await username.blur()
    await expect(page.locator('#username-error')).not.toBeEmpty()
    await expect(username).toHaveAttribute('aria-invalid', 'true')
    await expect(username).toHaveAttribute('aria-describedby', /username-error/)
    await username.fill(freshUsername())
    await username.blur()
    await expect(page.locator('#username-error')).toBeEmpty()

    await page.getByLabel('E-mail').fill('nowhere')
    await page.getByLabel('E-mail').blur()
    await expect(page.locator('#email-error')).not.toBeEmpty()
    await page.getByLabel('Password').fill('short')
    await page.getByLabel('Password').blur()
    await expect(page.locator('#password-error')).toContainText('8')
  })

  test('submitting a wrong form sends nothing and shows every error', async ({ page }) => {
    await open(page, '/signup')
    const sent: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.url())
    })
    await page.getByLabel('Username').fill('x')
    await page.getByLabel('E-mail').fill('x')
    await page.getByLabel('Password').fill('x')
    await page.getByRole('button', { name: 'Sign up' }).click()
    for (const field of ['username', 'email', 'password']) {
      await expect(page.locator(`#${field}-error`)).not.toBeEmpty()
    }
    expect(sent).toEqual([])
    await expect(page.getByLabel('Username')).toHaveValue('x')
  })

  test('a username that is taken is said beside it, everything else stays typed', async ({ page, ana, guard }) => {
    guard.provoke(/\/(signup|api\/v1\/users)$/, /409/, { optional: true })
    await open(page, '/signup')
    await page.getByLabel('Username').fill(ana.username)
    await page.getByLabel('E-mail').fill(`other.${ana.email}`)
    await page.getByLabel('Password').fill('long enough, surely')
    await page.getByLabel('Name', { exact: true }).fill('Another Ana')
    await page.getByRole('button', { name: 'Sign up' }).click()
    await expect(page.locator('#username-error')).toContainText(/already/i)
    await expect(page.getByLabel('Username')).toHaveValue(ana.username)
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Another Ana')
    await expect(page).toHaveURL(/\/signup$/)
  })
})

test('a wrong password and an unknown name are answered alike, and the name stays', async ({ page, ana, guard }) => {
  guard.provoke(/\/(login|api\/v1\/tokens)$/, /401|422/, { optional: true })
  const answers: string[] = []
  for (const username of [ana.username, freshUsername('nobody')]) {
    await open(page, '/login')
    await page.getByLabel('Username').fill(username)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Log in' }).click()
    const alert = page.getByRole('alert').filter({ hasText: /\S/ }).first()
    await expect(alert).toBeVisible()
    answers.push((await alert.innerText()).trim())
    await expect(page.getByLabel('Username')).toHaveValue(username)
  }
  expect(answers[0]).toBe(answers[1])
})

test('the profile refuses a bad name beside the field and a taken one after sending', async ({ page, ana, site, guard }) => {
  const ben = await Person.register(site.url, { stem: 'ben' })
  guard.provoke(/\/(profile|api\/v1\/users\/\d+)$/, /409|422/, { optional: true })
  await ana.signsIn(page)
  await open(page, '/profile')
  await page.locator('input[name=username]').fill('9lives')
  await page.locator('input[name=username]').blur()
  await expect(page.locator('#username-error')).not.toBeEmpty()
  await page.locator('input[name=username]').fill(ben.username)
  await page.getByRole('button', { name: 'Save' }).first().click()
  await expect(page.locator('#username-error')).toContainText(/already/i)
  await page.reload()
  await expect(page.locator('input[name=username]')).toHaveValue(ana.username)
})

test('a new password ends the other sessions and not this one', async ({ page, ana, newBrowser }) => {
  await ana.signsIn(page)
  const elsewhere = await newBrowser()
  await ana.signsIn(elsewhere)
  await open(elsewhere, '/profile')
  await open(page, '/profile')
  await page.locator('input[name=current_password]').fill(ana.password)
  await page.locator('input[name=password]').fill('a different secret')
  await page.getByRole('button', { name: 'Save' }).last().click()
  await expect(page.getByText(/saved|changed/i).first()).toBeVisible()
  await page.goto('/profile')
  await expect(page).toHaveURL(/\/profile$/)
  await elsewhere.goto('/profile')
  await expect(elsewhere).toHaveURL(/\/login/)
})

test('what was typed before the page came alive is kept', async ({ page }) => {
  let release = () => {}
  const held = new Promise<void>((go) => (release = go))
  await page.route(/\.wasm/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto('/signup', { waitUntil: 'commit' })
  await page.getByLabel('Username').fill('early.bird')
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated')
  release()
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true')
  await expect(page.getByLabel('Username')).toHaveValue('early.bird')
})

test('a profile that was changed in another tab is saved on the second try', async ({ page, context, ana, guard }) => {
  await ana.signsIn(page)
  await open(page, '/profile')
  const other = await context.newPage()
  await open(other, '/profile')
  await other.locator('[name=bio]').fill('from there')
  await other.getByRole('button', { name: 'Save' }).click()
  await expect(other.getByText(/saved/i)).toBeVisible()

  guard.provoke(/\/profile$/, /409/)
  await page.locator('[name=bio]').fill('from here')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('alert')).toHaveText('Your profile was changed elsewhere. Look it over and save again.')
  await expect(page.locator('[name=bio]')).toHaveValue('from here')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/saved/i)).toBeVisible()
  await expect(page.locator('[name=bio]')).toHaveValue('from here')
})
