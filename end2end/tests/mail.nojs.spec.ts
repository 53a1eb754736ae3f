import { test } from '../fixtures/mail'
import { resets, verifies } from '../fixtures/links'
import type { Page } from '@playwright/test'

const go = (page: Page, address: string) => page.goto(address)

test('an address is verified without JavaScript', async ({ page, mailing, mailbox }) => {
  await verifies(page, mailing.url, mailbox, go)
})

test('a forgotten password is replaced without JavaScript', async ({ page, mailing, mailbox, guard }) => {
  guard.provoke(/\/account\/reset$/, /422/, { optional: true })
  await resets(page, mailing.url, mailbox, go)
})
