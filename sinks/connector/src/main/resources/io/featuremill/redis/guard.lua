-- One guarded write: the features of one pipeline into the hash of one entity. proto/redis-layout.md says what the fields mean.
--
-- KEYS[1]  the entity's hash
-- ARGV[1]  event time in milliseconds   } together the row's place in time; what is in Redis gives way
-- ARGV[2]  sequence                     } to an equal or a greater one
-- ARGV[3]  time to live in milliseconds; '' never expires
-- ARGV[4]  n, the number of fields to set
-- then     n pairs of field and value, the first of them '@<pipeline>' and '<event time>-<sequence>'; then the fields to remove
--
-- Answers 1 when the row was written and 0 when something newer was there. A script that fails halfway is not rolled back, so
-- everything that can be wrong is looked at before the first write.

local BIGGEST = 9007199254740991 -- 2^53 - 1: Lua's numbers are doubles, and above it neighbours compare as equal

local function whole(text, smallest)
  if not string.find(text, '^%-?%d+$') then return nil end
  local number = tonumber(text)
  if number < smallest or number > BIGGEST then return nil end
  return number
end

if #KEYS ~= 1 or #ARGV < 6 then
  return redis.error_reply('FMARGS one key and at least six arguments are needed')
end
local time, sequence, fields = whole(ARGV[1], -BIGGEST), whole(ARGV[2], 0), whole(ARGV[4], 1)
local pipeline = ARGV[5]
if not time or not sequence or not fields or 4 + 2 * fields > #ARGV
    or string.sub(pipeline, 1, 1) ~= '@' or ARGV[6] ~= ARGV[1] .. '-' .. ARGV[2] then
  return redis.error_reply('FMARGS event time, sequence, number of fields or the field of the pipeline is not valid')
end
local ttl
if ARGV[3] ~= '' then
  ttl = whole(ARGV[3], 1)
  if not ttl then
    return redis.error_reply('FMARGS the time to live is not valid')
  end
end

local last = redis.pcall('HGET', KEYS[1], pipeline)
if type(last) == 'table' then return last end -- most likely WRONGTYPE: the caller gets the server's own words
if last then
  local lastTime, lastSequence = string.match(last, '^(%-?%d+)%-(%d+)$')
  if not lastTime then
    return redis.error_reply('FMGUARD the field ' .. pipeline .. ' is not <event time>-<sequence>')
  end
  lastTime = tonumber(lastTime)
  if time < lastTime or (time == lastTime and sequence < tonumber(lastSequence)) then
    return 0
  end
end

-- Before the write: after it a new key and one that never expires both say -1.
local before = redis.call('PTTL', KEYS[1])

local STEP = 1000 -- unpack() takes some thousands of arguments, no more
local lastField = 4 + 2 * fields
for first = 5, lastField, STEP do
  -- A server that takes no writes now (OOM, READONLY) says so to the first of them, before anything has changed.
  local written = redis.pcall('HSET', KEYS[1], unpack(ARGV, first, math.min(first + STEP - 1, lastField)))
  if type(written) == 'table' then return written end
end
for first = lastField + 1, #ARGV, STEP do
  redis.call('HDEL', KEYS[1], unpack(ARGV, first, math.min(first + STEP - 1, #ARGV)))
end

-- The key lives as long as the longest-lived of its pipelines asks for.
if before == -2 then
  if ttl then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
elseif before >= 0 then
  if not ttl then
    redis.call('PERSIST', KEYS[1])
  elseif ttl > before then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
  end
end
return 1
