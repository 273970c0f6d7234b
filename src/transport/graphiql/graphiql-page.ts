/** The page, its style and its script, as the browser gets them. The script is kept small: it is checked by a browser and by nothing else. */
export const GRAPHIQL_HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Colloquy</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/graphql/graphiql/graphiql.css" />
    <link rel="stylesheet" href="/graphql/graphiql/page.css" />
    <script type="module" src="/graphql/graphiql/page.js"></script>
  </head>
  <body>
    <form id="who" autocomplete="off">
      <strong>Colloquy</strong>
      <span id="viewer" role="status"></span>
      <input id="token" type="password" placeholder="Paste another token" aria-label="Token" autocomplete="off" />
      <button>Use</button>
    </form>
    <main id="root"><p id="loading">Loading GraphiQL …</p></main>
    <noscript>GraphiQL needs JavaScript.</noscript>
  </body>
</html>
`

export const GRAPHIQL_CSS = `
body { margin: 0; height: 100vh; display: flex; flex-direction: column; font: 14px/1.4 system-ui, sans-serif; }
#who { display: flex; align-items: center; gap: 12px; padding: 8px 16px; color: #e8eaf2; background: #1f2433; }
#who strong { letter-spacing: .02em; }
#viewer { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: #b9c0d4; }
#viewer.refused { color: #ffb3ab; }
#who input, #who button { font: inherit; color: inherit; border: 1px solid #4a5270; border-radius: 6px; padding: 4px 10px; background: #2b3145; }
#who input { width: 220px; }
#who button { cursor: pointer; }
#who button:hover { background: #3a4260; }
#who input:focus-visible, #who button:focus-visible { outline: 2px solid #8ea2ff; outline-offset: 1px; }
#root { flex: 1; min-height: 0; }
#root > div, #root .graphiql-container { height: 100%; }
/* Tabs that a page begins with keep a stale offset, and jump away from under the pointer before it has clicked. */
.graphiql-tab { transform: none !important; }
#loading { padding: 16px; color: #667; }
`

export const GRAPHIQL_SCRIPT = String.raw`
import { createClient } from './client.js'

// The token lives in this variable and nowhere else: not in the address, the history or any storage.
let token = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
if (location.hash) history.replaceState(null, '', location.pathname + location.search)

const root = document.getElementById('root')
const shown = document.getElementById('viewer')
const field = document.getElementById('token')
const authorization = () => 'Bearer ' + token

const connect = () =>
  createClient({
    url: location.origin.replace(/^http/, 'ws') + '/graphql',
    connectionParams: () => ({ authorization: authorization() }),
  })
let client = connect()

async function post(request) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...(token && { authorization: authorization() }),
    },
    body: JSON.stringify(request),
  })
  return response.json()
}

// Run within moments of an edit, GraphiQL may still name the operation that was there before.
function fetcher(request, options) {
  const operations = (options?.documentAST?.definitions ?? []).filter(({ kind }) => kind === 'OperationDefinition')
  const named = operations.find(({ name }) => name?.value === request.operationName)
  const chosen = named ?? (operations.length === 1 ? operations[0] : undefined)
  const asked = chosen ? { ...request, operationName: chosen.name?.value } : request
  return chosen?.operation === 'subscription' ? client.iterate(asked) : post(asked)
}

async function showViewer() {
  shown.className = token ? '' : 'refused'
  shown.textContent = 'Nobody yet: open the address that the server printed, or paste a token.'
  if (!token) return
  shown.textContent = 'Asking who you are …'
  const answer = await post({ query: '{ viewer { tenantId roles user { id name } } }' }).catch(error => ({ errors: [error] }))
  const viewer = answer.data?.viewer
  shown.className = viewer ? '' : 'refused'
  shown.textContent = viewer
    ? [viewer.user.name ?? viewer.user.id, viewer.user.id + ' of ' + viewer.tenantId, ...viewer.roles].join(' · ')
    : (answer.errors?.[0]?.message ?? 'No answer')
}

document.getElementById('who').addEventListener('submit', event => {
  event.preventDefault()
  token = field.value.trim().replace(/^Bearer +/i, '')
  field.value = ''
  client.dispose()
  client = connect()
  const refused = shown.className === 'refused'
  showViewer()
  // Without a good token GraphiQL could not read the schema; with one the same page goes on.
  if (!refused) return
  memory.clear()
  render()
})

function subject() {
  try {
    return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).sub
  } catch {
    return undefined
  }
}

function examples() {
  const friend = subject() === 'alice' ? 'bob' : 'alice'
  const send = [
    '# Sends a direct message to ' + friend + '.',
    '# Run it with Ctrl-Enter. The same clientMessageId',
    '# again is a retry: change it to send another.',
    'mutation Send(',
    '  $content: String!',
    '  $clientMessageId: String!',
    ') {',
    '  sendDirectMessage(',
    '    input: {',
    '      userIds: ["' + friend + '"]',
    '      content: $content',
    '      clientMessageId: $clientMessageId',
    '    }',
    '  ) {',
    '    message { id conversationId seq content }',
    '    position',
    '    userErrors { code message field }',
    '  }',
    '}',
  ]
  const inbox = [
    '# All that happens in your conversations.',
    '# Leave it running, and send from another window.',
    'subscription Inbox {',
    '  inbox {',
    '    __typename',
    '    position',
    '    ... on MessageSent {',
    '      conversationId',
    '      seq',
    '      message { id content sender { name } }',
    '    }',
    '    ... on ConversationCreated { conversationId }',
    '  }',
    '}',
  ]
  const me = [
    'query Me {',
    '  viewer {',
    '    tenantId',
    '    position',
    '    user { id name }',
    '    limits { event remaining limit }',
    '  }',
    '  conversations {',
    '    nodes { id kind title memberCount unreadCount }',
    '  }',
    '}',
  ]
  const variables = JSON.stringify({ content: 'Hello, ' + friend, clientMessageId: crypto.randomUUID() }, null, 2)
  const tab = (lines, variables) => ({ query: lines.join('\n') + '\n', variables })
  // The editor begins with its own, and a tab that one comes to brings its own.
  return { variables, defaultTabs: [tab(send, variables), tab(inbox), tab(me)] }
}

// GraphiQL's own memory, for as long as the page is open.
const memory = new Map()
const storage = {
  getItem: key => memory.get(key) ?? null,
  setItem: (key, value) => void memory.set(key, value),
  removeItem: key => void memory.delete(key),
  clear: () => memory.clear(),
  get length() {
    return memory.size
  },
}

function render() {
  const place = document.createElement('div')
  root.replaceChildren(place)
  YogaGraphiQL.renderYogaGraphiQL(place, {
    fetcher,
    storage,
    title: 'Colloquy',
    logo: '<span></span>',
    ...examples(),
    isHeadersEditorEnabled: false,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'variables',
    // In place of the default, which writes the query into the address.
    onEditQuery() {},
  })
}

self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => '/graphql/graphiql/' + label + '.js' }
showViewer()
const script = document.createElement('script')
script.src = '/graphql/graphiql/graphiql.js'
script.onload = render
document.head.append(script)
`
