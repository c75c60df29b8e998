-- wrk: the requests of orders.lua at a fixed rate, whatever becomes of those before, as long as a
-- connection is free. One thread.
--   wrk ... -s paced_orders.lua URL -- PER_SECOND create USER...

dofile("tests/bench/orders.lua")

local ffi = require("ffi")
ffi.cdef [[
    struct moment { long seconds; long nanoseconds; };
    int clock_gettime(int clock, struct moment *now);
]]
local CLOCK_MONOTONIC = 1
local moment = ffi.new("struct moment")

local function now_ms()
    ffi.C.clock_gettime(CLOCK_MONOTONIC, moment)
    return tonumber(moment.seconds) * 1000 + tonumber(moment.nanoseconds) / 1e6
end

local interval_ms, ready_ms, start_ms
local promised = 0 -- requests that have their moment

local prepare = init
function init(arguments)
    interval_ms = 1000 / tonumber(arguments[1])
    prepare({ unpack(arguments, 2) })
    ready_ms = now_ms()
end

-- Asked by each connection that comes free: how many ms its next request is to wait.
function delay()
    local now = now_ms()
    if not start_ms then
        start_ms = now
        startup_us = (now - ready_ms) * 1000
    end
    local due = start_ms + promised * interval_ms
    promised = promised + 1
    return math.max(0, math.floor(due - now + 0.5))
end
