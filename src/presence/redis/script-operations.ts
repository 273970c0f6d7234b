/** Lua: what a node can ask for. */
export const OPERATIONS = `
-- Leaves word of the user for each other node that has a connection of theirs.
local function spread(user)
  for _, held in pairs(user.leases) do
    if held.node ~= lease and held.node ~= '-' then call('SADD', newsOf(held.node), user.id) end
  end
end

local function choose(user, choice, say, text, at)
  user.choice, user.chosen = choice, at
  call('HSET', user.key, 'choice', choice, 'chosen', digits(at))
  if say == 'text' then
    user.text = text
    call('HSET', user.key, 'text', text)
  elseif say == 'none' then
    user.text = nil
    call('HDEL', user.key, 'text')
  end
  for _, held in pairs(user.leases) do see(user, held.active) end
  spread(user)
end

local function tell(user)
  local open = latest(user, false, lease)
  local age = open and now - user.leases[open].active or false
  local chosen = user.chosen > 0 and now - user.chosen or false
  table.insert(told, { user.id, user.choice, user.text or false, chosen, age })
end

local function connect(id, connection, age)
  local user = load(id)
  assess(user)
  local lost = latest(user, true)
  if user.leases[connection] then
    return tell(user)
  elseif lost then
    local active = user.leases[lost].active
    cut(user, lost)
    put(user, connection, lease, active, 0)
  else
    put(user, connection, lease, now - age, 0)
    see(user, now - age)
  end
  settle(user)
  tell(user)
end

local function touch(id, connection, age)
  local user = load(id)
  local at = now - age
  if connection == '' then connection = latest(user, false) end
  if not connection then return end
  local held = user.leases[connection]
  if held and (held.lost > 0 or held.active >= at) then return end
  put(user, connection, held and held.node or lease, at, 0)
  see(user, at)
  if not held or held.active + idle <= now then settle(user) end
  if held and held.node ~= lease then call('SADD', newsOf(held.node), id) end
end

local function disconnect(id, connection, clean, age)
  local user = load(id)
  local held = user.leases[connection]
  if not held then return end
  if held.lost == 0 and age and now - age > held.active then
    held.active = now - age
    see(user, held.active)
  end
  if clean then
    cut(user, connection)
  elseif held.lost == 0 then
    put(user, connection, '-', held.active, now)
  end
  release(user, held.node)
  settle(user)
end

-- A node tells anew what it has of a user: what they chose, which connections ended unheard, and which stand or are within their grace.
local function register(id, announce, at)
  local user = load(id)
  local choice, age, say, text, gone = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  local textBefore = user.text
  if choice ~= '' and now - age > user.chosen then choose(user, choice, say, text, now - age) end
  at = at + 5
  for i = at, at + gone - 1 do
    if user.leases[ARGV[i]] then cut(user, ARGV[i]) end
  end
  for i = at + gone, #ARGV, 3 do
    local active, lost = now - tonumber(ARGV[i + 1]), ARGV[i + 2] == '' and 0 or now - tonumber(ARGV[i + 2])
    put(user, ARGV[i], lost == 0 and lease or '-', active, lost)
    see(user, active)
  end
  settle(user, user.text ~= textBefore and user.shown and 'always' or announce)
end

local function reap(node)
  local ids = call('SPOP', usersOf(node), BATCH)
  for _, id in ipairs(ids) do
    local user = load(id)
    local any = false
    for connection, held in pairs(user.leases) do
      if held.node == node then
        cut(user, connection)
        any = true
      end
    end
    if any then settle(user) end
  end
  if call('SCARD', usersOf(node)) > 0 then return end
  call('SREM', DEAD, node)
  call('DEL', newsOf(node))
end

local function bury(node)
  call('ZREM', NODES, node)
  call('SADD', DEAD, node)
end

local function beat(reaping)
  call('ZADD', NODES, digits(now + term), lease)
  local news = call('SPOP', newsOf(lease), BATCH)
  for _, id in ipairs(news) do tell(load(id)) end
  if reaping then
    for _, node in ipairs(call('ZRANGEBYSCORE', NODES, '-inf', digits(now), 'LIMIT', 0, BATCH)) do bury(node) end
  end
  local dead = call('SRANDMEMBER', DEAD)
  if dead then reap(dead) end
  local due = call('ZRANGEBYSCORE', DUE, '-inf', digits(now), 'LIMIT', 0, BATCH)
  for _, id in ipairs(due) do settle(load(id)) end
  local old = call('ZRANGEBYSCORE', LEFT, '-inf', digits(now - remember), 'LIMIT', 0, BATCH)
  for _, id in ipairs(old) do forget(id) end
  if #news == BATCH or #due == BATCH or #old == BATCH or call('EXISTS', DEAD) == 1 then more = 1 end
end

if op == 'enter' then
  call('ZADD', NODES, digits(now + term), lease)
  return { 1, more, changes, told, records }
elseif not call('ZSCORE', NODES, lease) then
  return { 0, more, changes, told, records }
end

if op == 'beat' then
  beat(ARGV[FIRST] == '1')
elseif op == 'connect' then
  connect(ARGV[FIRST], ARGV[FIRST + 1], tonumber(ARGV[FIRST + 2]))
elseif op == 'touch' then
  for i = FIRST, #ARGV, 3 do touch(ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])) end
elseif op == 'disconnect' then
  disconnect(ARGV[FIRST], ARGV[FIRST + 1], ARGV[FIRST + 2] == '1', tonumber(ARGV[FIRST + 3]))
elseif op == 'set' then
  local user = load(ARGV[FIRST])
  local textBefore = user.text
  choose(user, ARGV[FIRST + 1], ARGV[FIRST + 2], ARGV[FIRST + 3], now)
  settle(user, user.text ~= textBefore and 'always' or nil)
  table.insert(records, record(user))
  tell(user)
elseif op == 'read' then
  for i = FIRST, #ARGV do
    local held = call('HMGET', base .. ':user:' .. ARGV[i], 'shown', 'text', 'seen')
    table.insert(records, { ARGV[i], held[1] or 'OFFLINE', held[2], tonumber(held[3] or '') or false, false })
  end
elseif op == 'register' then
  register(ARGV[FIRST], ARGV[FIRST + 1], FIRST + 2)
elseif op == 'retire' then
  for i = FIRST, #ARGV do bury(ARGV[i]) end
end
return { 1, more, changes, told, records }
`
