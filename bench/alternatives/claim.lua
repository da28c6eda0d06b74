-- Take the number that has been free for longest and keep a session for it.
-- KEYS: the group's numbers, each scored with the time (ms) from which it is free; the new session
-- ARGV: group, session id, caller's phone, user data, hold (ms), time to live (ms)
local group, id, phone, data = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local hold, ttl = tonumber(ARGV[5]), tonumber(ARGV[6])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local number = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
if not number then
  return false
end
redis.call('ZADD', KEYS[1], now + hold, number)
redis.call('SET', 'waiting:' .. number, id, 'PX', hold)
redis.call('HSET', KEYS[2], 'group', group, 'phone', phone, 'data', data)
redis.call('PEXPIRE', KEYS[2], ttl)
return number
