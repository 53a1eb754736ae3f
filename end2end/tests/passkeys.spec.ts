import { createServer } from 'node:net'
import type { CDPSession, Page } from '@playwright/test'
import { expect, hydrated, open, Person, test } from '../fixtures/test'
import type { ServeOptions } from '../fixtures/server'

type Serve = (options?: ServeOptions) => Promise<unknown>

/** A site with a name: passkeys are for names, and `localhost` is one. */
async function named(serve: Serve): Promise<string> {
  const port = await new Promise<number>((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => found(typeof address === 'object' && address ? address.port : 0))
    })
  })
  const url = `http://localhost:${port}`
  await serve({ env: { SISKIN_ADDR: `127.0.0.1:${port}`, SISKIN_PUBLIC_URL: url } })
  return url
}

/** A device that makes and keeps passkeys and knows its person. */
class Device {
  private constructor(
    private readonly cdp: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  static async of(page: Page): Promise<Device> {
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    return new Device(cdp, authenticatorId)
  }

  /** Does whoever holds it touch it? */
  async touched(enabled: boolean): Promise<void> {
    await this.cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.authenticatorId, enabled })
  }

  /** Is it its person who holds it? */
  async knows(isUserVerified: boolean): Promise<void> {
    await this.cdp.send('WebAuthn.setUserVerified', { authenticatorId: this.authenticatorId, isUserVerified })
  }

  async passkeys(): Promise<number> {
    const { credentials } = await this.cdp.send('WebAuthn.getCredentials', { authenticatorId: this.authenticatorId })
    return credentials.length
  }
}

async function add(page: Page, site: string, ana: Person, name: string): Promise<void> {
  await open(page, `${site}/settings/security`)
  await page.getByRole('link', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Your password').fill(ana.password)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
}

test('a passkey is added, logs in without a password, and is removed', async ({ page, serve, guard }) => {
  const site = await named(serve)
  const ana = await Person.register(site, { name: 'Ana Costa' })
  await ana.signsIn(page)
  const device = await Device.of(page)
  await add(page, site, ana, 'my laptop')
  await expect(page).toHaveURL(/\/settings\/security$/)
  await expect(page.locator('strong', { hasText: 'my laptop' })).toBeVisible()
  await expect(page.getByText('not used yet')).toBeVisible()
  expect(await device.passkeys()).toBe(1)

  await page.context().clearCookies()
  await open(page, `${site}/login`)
  await page.getByRole('link', { name: 'Log in with a passkey' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page).toHaveURL(`${site}/`)
  await hydrated(page)
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible()

  await page.goto(`${site}/settings/security`)
  await expect(page.getByText('last used')).toBeVisible()
  await page.getByRole('link', { name: 'Remove my laptop' }).click()
  await page.getByLabel('Your password').fill(ana.password)
  await page.getByRole('button', { name: 'Remove it' }).click()
  await expect(page.getByRole('status')).toContainText('The passkey is removed.')

  await page.context().clearCookies()
  await page.goto(`${site}/log-in/passkey`)
  guard.provoke(/\/api\/v1\/passkeys\/session$/, /422/)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('alert')).toHaveText('That passkey is not known here.')
})

test('what goes wrong is said in words and can be tried again', async ({ page, serve, guard }) => {
  const site = await named(serve)
  const ana = await Person.register(site)
  await ana.signsIn(page)
  const device = await Device.of(page)
  guard.provoke(/\/api\/v1\/passkeys\/registration$/, /422/)
  await page.goto(`${site}/settings/security/passkeys/new`)
  await page.getByLabel('Name', { exact: true }).fill('my laptop')
  await page.getByLabel('Your password').fill('wrong password')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.locator('#password-error')).toHaveText('That is not the current password.')
  await expect(page.getByLabel('Your password')).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('Your password')).toBeFocused()
  await page.getByLabel('Your password').fill(ana.password)
  await page.getByLabel('Name', { exact: true }).fill('x'.repeat(51))
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  expect(await device.passkeys(), 'no key was made under a name that is refused').toBe(0)
  await page.getByLabel('Name', { exact: true }).fill('my laptop')
  await device.knows(false)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByRole('alert')).toContainText('Try again when you are ready.')
  await expect(page.locator('#password-error')).toBeEmpty()
  await device.knows(true)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.locator('strong', { hasText: 'my laptop' })).toBeVisible()

  // The device has one already.
  await add(page, site, ana, 'again')
  await expect(page.getByRole('alert')).toHaveText('This device has a passkey for your account already.')

  await page.context().clearCookies()
  await page.goto(`${site}/log-in/passkey`)
  await device.touched(false)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('button', { name: 'Use a passkey' })).toBeDisabled()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('alert')).toHaveText('Cancelled.')
  await device.touched(true)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page).toHaveURL(`${site}/`)
})

test('a browser without passkeys is told so', async ({ page, serve }) => {
  const site = await named(serve)
  await page.addInitScript(() => {
    Reflect.deleteProperty(window, 'PublicKeyCredential')
  })
  await page.goto(`${site}/log-in/passkey`)
  await expect(page.getByText('Passkeys need a browser that knows them')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Use a passkey' })).toBeHidden()
})
