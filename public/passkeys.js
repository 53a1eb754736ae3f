// Passkeys: asks the server what to ask, asks the authenticator, tells the server what it said.
// A module of its own beside the app, since only two pages need it: see docs/adr/0016.

const form = document.querySelector('form[data-passkey]')
const part = (name) => document.querySelector(`[data-passkey-${name}]`)

/** What the server has refused, in its own words. */
class Refused extends Error {}

async function ask(path, body) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  let response
  try {
    response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  } catch {
    throw new Refused('The server can’t be reached. Try again.')
  }
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Refused(answer.message ?? 'That did not work. Try again.')
  return answer
}

async function add(signal) {
  const { name, password } = Object.fromEntries(new FormData(form))
  const { options } = await ask('/api/v1/passkeys/registration', { password })
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const credential = await navigator.credentials.create({ publicKey, signal })
  await ask('/api/v1/passkeys', { name, credential: credential.toJSON() })
  return '/settings/security'
}

async function logIn(signal) {
  const { options } = await ask('/api/v1/passkeys/challenge', {})
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const credential = await navigator.credentials.get({ publicKey, signal })
  await ask('/api/v1/passkeys/session', { credential: credential.toJSON() })
  return '/'
}

function inWords(error) {
  if (error instanceof Refused) return error.message
  switch (error.name) {
    case 'AbortError':
      return 'Cancelled.'
    case 'NotAllowedError':
      return 'Nothing was chosen, or it took too long. Try again when you are ready.'
    case 'InvalidStateError':
      return 'This device has a passkey for your account already.'
    case 'SecurityError':
      return 'Passkeys do not work at this address. Use the one that the site is known by.'
    default:
      return 'Your device could not do that.'
  }
}

function waiting(is) {
  part('waiting').hidden = !is
  part('cancel').hidden = !is
  form.querySelector('button:not([type])').disabled = is
}

let running

async function run(event) {
  event.preventDefault()
  if (running) return
  running = new AbortController()
  part('error').hidden = true
  waiting(true)
  try {
    const act = form.dataset.passkey === 'add' ? add : logIn
    location.assign(await act(running.signal))
  } catch (error) {
    part('error').textContent = inWords(error)
    part('error').hidden = false
    waiting(false)
  } finally {
    running = undefined
  }
}

// Browsers without these have no passkeys that we could use.
if (form && window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  part('missing').hidden = true
  form.hidden = false
  form.addEventListener('submit', run)
  part('cancel').addEventListener('click', () => running?.abort())
}
