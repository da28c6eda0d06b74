-- Find the session that waits on a number, and give the number back to its group.
-- KEYS: who waits on the number
-- ARGV: the number, the caller's phone or nothing
local number, caller = ARGV[1], ARGV[2]

local id = redis.call('GET', KEYS[1])
if not id then
  return false
end
local group, phone, data = unpack(redis.call('HMGET', 'session:' .. id, 'group', 'phone', 'data'))
if caller ~= '' and phone ~= '' and caller ~= phone then
  return false
end
local time = redis.call('TIME')
redis.call('DEL', KEYS[1])
redis.call('ZADD', 'numbers:' .. group, time[1] * 1000 + math.floor(time[2] / 1000), number)
return {id, data}
