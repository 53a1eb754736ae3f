// Passkeys: asks the server what to ask, asks the authenticator, tells the server what it said.
// A module of its own beside the app, since only two pages need it: see docs/adr/0016.

const form = document.querySelector('form[data-passkey]')
const part = (name) => document.querySelector(`[data-passkey-${name}]`)

/** What the server has refused, in its own words, and about which of its fields. */
class Refused extends Error {
  constructor(message, field) {
    super(message)
    this.field = field
  }
}

/** The server's fields that the form has under another name. */
const CALLED_HERE = { current_password: 'password' }

async function ask(path, body) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  let response
  try {
    response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  } catch {
    throw new Refused('The server can’t be reached. Try again.')
  }
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) {
    throw new Refused(answer.message ?? 'That did not work. Try again.', answer.field)
  }
  return answer
}

async function add(signal) {
  // Who has no password is not asked for one.
  const { name, password = '' } = Object.fromEntries(new FormData(form))
  const { options } = await ask('/api/v1/passkeys/registration', { name, password })
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

/** What is wrong is said at its field if it has one here, else above the button. */
function show(error) {
  const name = CALLED_HERE[error.field] ?? error.field
  const input = name && form.elements.namedItem(name)
  const place = input ? document.getElementById(`${name}-error`) : part('error')
  place.textContent = inWords(error)
  place.hidden = false
  if (!input) return
  input.setAttribute('aria-invalid', 'true')
  input.focus()
}

function forget() {
  part('error').hidden = true
  for (const input of form.querySelectorAll('[aria-invalid]')) {
    input.removeAttribute('aria-invalid')
    document.getElementById(`${input.name}-error`).textContent = ''
  }
}

let running

async function run(event) {
  event.preventDefault()
  if (running) return
  running = new AbortController()
  forget()
  waiting(true)
  try {
    const act = form.dataset.passkey === 'add' ? add : logIn
    location.assign(await act(running.signal))
  } catch (error) {
    waiting(false)
    show(error)
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
