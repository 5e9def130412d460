-- PUT agents, each time with another name, so that every request is a change. Arguments: credential, file of ids.
dofile("bench/scripts/lines.lua")

function init(args)
    wrk.headers["Authorization"] = "Basic " .. args[1]
    wrk.headers["Content-Type"] = "application/json"
    ids = lines(args[2])
    count = offset
end

function request()
    count = count + 1
    local id = ids[count % #ids + 1]
    local body = string.format(
        '{"first_name":"Bench","last_name":"Number %d","email":"bench-%s@example.org","roles":["Agent"],"teams":["Bench"]}',
        count, id)
    return wrk.format("PUT", "/api/v1/agents/" .. id:match("%d+$"), nil, body)
end
