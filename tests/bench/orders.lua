-- wrk: orders through their gateway.
--   wrk ... -s orders.lua URL -- create USER...      makes orders, of the users in turn
--   wrk ... -s orders.lua URL -- read USER ORDER...  reads orders of the user, in turn
-- Ends with one line of JSON: what became of the requests, times in us.

local requests = {}
-- Global, so that done() can ask the thread for them.
sent = 0
startup_us = 0 -- of wrk's time, until the first request

local function create(users)
    for i, user in ipairs(users) do
        local headers = { ["X-User-Id"] = user, ["Content-Type"] = "application/json" }
        requests[i] = wrk.format("POST", "/orders", headers, '{"amount":1,"description":"load"}')
    end
end

local function read(arguments)
    for i = 2, #arguments do
        requests[i - 1] = wrk.format("GET", "/orders/" .. arguments[i], { ["X-User-Id"] = arguments[1] })
    end
end

local thread
function setup(one) thread = one end

-- Made once: a request costs the generator a look into a table.
function init(arguments)
    local rest = { unpack(arguments, 2) }
    if arguments[1] == "create" then create(rest) else read(rest) end
end

function request()
    sent = sent + 1
    return requests[sent % #requests + 1]
end

function done(summary, latency, _)
    local errors = summary.errors
    print(string.format(
        '{"sent":%d,"answered":%d,"refused":%d,"broken":%d,"took_us":%d,"p50_us":%d,"p99_us":%d,"max_us":%d}',
        thread:get("sent"), summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        summary.duration - thread:get("startup_us"), latency:percentile(50), latency:percentile(99), latency.max))
end
