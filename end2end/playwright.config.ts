import { defineConfig, devices } from '@playwright/test'

// Every artefact goes under target/, where CI looks for it.
export default defineConfig({
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
  ],
})
