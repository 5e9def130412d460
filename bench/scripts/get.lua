-- GET one path. Arguments: credential, path.
function init(args)
    wrk.headers["Authorization"] = "Basic " .. args[1]
    path = args[2]
end

function request()
    return wrk.format("GET", path)
end
