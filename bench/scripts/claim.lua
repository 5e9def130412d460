-- Give conversations to two agents in turn: each request takes a slot under the agents' locks and frees one.
-- Arguments: credential, file of UUIDs, two agent ids.
dofile("bench/scripts/lines.lua")

function init(args)
    wrk.headers["Authorization"] = "Basic " .. args[1]
    wrk.headers["Content-Type"] = "application/json"
    uuids = lines(args[2])
    agents = { args[3], args[4] }
    count = offset
end

function request()
    count = count + 1
    local uuid = uuids[count % #uuids + 1]
    local turn = math.floor(count / #uuids) % 2 + 1
    return wrk.format("PUT", "/api/v1/conversations/" .. uuid .. "/assignee/user", nil,
        '{"assignee_id":' .. agents[turn] .. "}")
end
