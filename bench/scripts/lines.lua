-- The lines of a file, for scripts that pick one of many ids.
function lines(file)
    local all = {}
    for line in io.lines(file) do
        all[#all + 1] = line
    end
    return all
end

-- Each thread starts elsewhere.
local threads = 0
function setup(thread)
    thread:set("offset", threads * 7919)
    threads = threads + 1
end
