/** Lua: what the script was given, and one user: read, changed, compared with what is shown. */
export const USER = `
local base, op, lease = KEYS[1], ARGV[1], ARGV[2]
local now, idle, grace, term = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local remember, most = tonumber(ARGV[7]), tonumber(ARGV[8])
local FIRST, BATCH = 9, 50
local NODES, DEAD, DUE = base .. ':nodes', base .. ':dead', base .. ':due'
local LEFT, CHOSE = base .. ':left', base .. ':chose'
local RANK = { OFFLINE = 0, AWAY = 1, ONLINE = 2 }
local call = redis.call
local more, changes, told, records = 0, {}, {}, {}

if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function digits(number)
  return string.format('%.0f', number)
end

local function usersOf(node)
  return base .. ':node:' .. node
end

local function newsOf(node)
  return base .. ':told:' .. node
end

local function forget(id)
  call('DEL', base .. ':user:' .. id)
  for _, key in ipairs({ DUE, LEFT, CHOSE }) do call('ZREM', key, id) end
end

local function load(id)
  local user = { id = id, key = base .. ':user:' .. id, leases = {}, held = false }
  local fields = call('HGETALL', user.key)
  for i = 1, #fields, 2 do
    local connection = string.match(fields[i], '^c:(.*)$')
    if connection then
      local node, active, lost = string.match(fields[i + 1], '^(%S+) (%d+) (%d+)$')
      user.leases[connection] = { node = node, active = tonumber(active), lost = tonumber(lost) }
      user.held = true
    else
      user[fields[i]] = fields[i + 1]
    end
  end
  user.choice = user.choice or 'ONLINE'
  user.chosen = tonumber(user.chosen or '0')
  user.seen, user.order = tonumber(user.seen or ''), tonumber(user.order or '')
  return user
end

local function see(user, at)
  if user.choice ~= 'ONLINE' or at <= (user.seen or 0) then return end
  user.seen = at
  call('HSET', user.key, 'seen', digits(at))
end

local function put(user, connection, node, active, lost)
  user.leases[connection] = { node = node, active = active, lost = lost }
  call('HSET', user.key, 'c:' .. connection, node .. ' ' .. digits(active) .. ' ' .. digits(lost))
  if node ~= '-' then call('SADD', usersOf(node), user.id) end
end

local function cut(user, connection)
  user.leases[connection] = nil
  call('HDEL', user.key, 'c:' .. connection)
end

-- The user's latest connection: of those that were lost, or of those that were not; on that node alone, where one is given.
local function latest(user, lost, node)
  local found
  for connection, held in pairs(user.leases) do
    local wanted = (held.lost > 0) == lost and (not node or held.node == node)
    if wanted and (not found or held.active > user.leases[found].active) then found = connection end
  end
  return found
end

-- The node's set need not name the user any more, once none of their leases is the node's.
local function release(user, node)
  for _, held in pairs(user.leases) do
    if held.node == node then return end
  end
  call('SREM', usersOf(node), user.id)
end

-- What the leases say, and when they will say something else by themselves. Ends those whose grace is over.
local function assess(user)
  local status, ends, tires = 'OFFLINE', nil, nil
  for connection, held in pairs(user.leases) do
    local graceEnds = held.lost > 0 and held.lost + grace or nil
    if graceEnds and graceEnds <= now then
      cut(user, connection)
    else
      if graceEnds and (not ends or graceEnds < ends) then ends = graceEnds end
      if held.active + idle > now then
        status = 'ONLINE'
        tires = math.max(tires or 0, held.active + idle)
      elseif status == 'OFFLINE' then
        status = 'AWAY'
      end
    end
  end
  if tires and (not ends or tires < ends) then ends = tires end
  return status, ends
end

-- Puts a user without a lease where they are remembered, and forgets the first of too many.
local function retain(user)
  local chose = user.choice ~= 'ONLINE' or user.text
  if not chose and not user.seen then return forget(user.id) end
  local group = chose and CHOSE or LEFT
  call('ZREM', chose and LEFT or CHOSE, user.id)
  call('ZADD', group, digits(now), user.id)
  for _ = 1, BATCH do
    if call('ZCARD', group) <= most then break end
    forget(call('ZPOPMIN', group)[1])
  end
end

local function record(user)
  return { user.id, user.shown or 'OFFLINE', user.text or false, user.seen or false, user.order or false }
end

-- Numbers a user's changes by time, so that they go on rising when all is lost.
local function number(user)
  user.order = math.max(now, (user.order or 0) + 1)
  call('HSET', user.key, 'order', digits(user.order))
  return record(user)
end

-- Compares what is with what is shown. 'always' announces it in any case; 'unlessNew' says nothing of a user of whom Redis knew nothing.
local function settle(user, announce)
  local status, ends = assess(user)
  if RANK[user.choice] < RANK[status] then status = user.choice end
  local changed = status ~= (user.shown or 'OFFLINE') and not (announce == 'unlessNew' and not user.shown)
  if status ~= user.shown then
    user.shown = status
    call('HSET', user.key, 'shown', status)
  end
  if ends then call('ZADD', DUE, digits(ends), user.id) else call('ZREM', DUE, user.id) end
  if changed or announce == 'always' then table.insert(changes, number(user)) end
  if not next(user.leases) then
    retain(user)
  elseif not user.held then
    call('ZREM', LEFT, user.id)
    call('ZREM', CHOSE, user.id)
  end
end
`
