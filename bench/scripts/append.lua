-- POST a reply to one of many conversations. Arguments: credential, file of UUIDs.
dofile("bench/scripts/lines.lua")

function init(args)
    wrk.headers["Authorization"] = "Basic " .. args[1]
    wrk.headers["Content-Type"] = "application/json"
    uuids = lines(args[2])
    count = offset
end

function request()
    count = count + 1
    local uuid = uuids[count % #uuids + 1]
    return wrk.format("POST", "/api/v1/conversations/" .. uuid .. "/messages", nil,
        '{"message":"<p>Your parcel is on its way.</p>","sender_type":"agent"}')
end
