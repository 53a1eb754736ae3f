import { defineConfig, devices, type PlaywrightTestConfig } from '@playwright/test'
import type { SiteOptions } from './fixtures/test'

// Set by tools/e2e.sh: every server keeps its data there then.
const mongodb = !!process.env.SISKIN_E2E_MONGODB

/** What one person does, each request answered by the next of three servers. */
const threeServers: NonNullable<PlaywrightTestConfig<{}, SiteOptions>['projects']> = [
  {
    name: 'three-servers',
    testMatch: /(journey|live|composer|delete)\.spec\.ts$/,
    use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 900 }, servers: 3 },
  },
  {
    name: 'three-servers-no-javascript',
    testMatch: /\.nojs\.spec\.ts$/,
    use: { ...devices['Desktop Chrome'], javaScriptEnabled: false, servers: 3 },
  },
]

// Every artefact goes under target/, where CI looks for it.
export default defineConfig<{}, SiteOptions>({
  testDir: 'tests',
  outputDir: '../target/end2end',
  reporter: [['list'], ['html', { outputFolder: '../target/end2end-report', open: 'never' }]],
  fullyParallel: true,
  workers: 2,
  retries: process.env.CI ? 1 : 0,
  forbidOnly: !!process.env.CI,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  use: {
    actionTimeout: 5_000,
    navigationTimeout: 10_000,
    // Recording every test would double its time: `make e2e ARGS="--trace on"` does.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    launchOptions: {
      executablePath: process.env.SISKIN_CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-gpu',
      ],
    },
  },
  projects: [
    {
      name: 'desktop-light',
      testIgnore: /\.nojs\.spec\.ts$/,
      use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
    },
    {
      // What a thumb and a dark room change: the rest would only be run twice.
      name: 'phone-dark',
      testMatch: /(journey|composer|delete|forms|routes|theme|text)\.spec\.ts$/,
      use: {
        ...devices['Desktop Chrome'],
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
        deviceScaleFactor: 2,
        colorScheme: 'dark',
      },
    },
    {
      name: 'no-javascript',
      testMatch: /\.nojs\.spec\.ts$/,
      use: { ...devices['Desktop Chrome'], javaScriptEnabled: false },
    },
    ...(mongodb ? threeServers : []),
  ],
})
