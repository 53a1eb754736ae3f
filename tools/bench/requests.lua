-- wrk's requests where a header or a body is needed, for baseline and subject alike. Each line of the
-- file named by SISKIN_BENCH_HEADERS is one person's header ("Authorization: Bearer …" or "Cookie: …");
-- they take turns. With SISKIN_BENCH_POST the request is a tweet, else a GET. The requests are made
-- beforehand, so that the load generator's own cost stays small.

local requests, turn = {}, 0

function init(arguments)
  local tweets = os.getenv("SISKIN_BENCH_POST") == "1"
  local number = 0
  for line in io.lines(os.getenv("SISKIN_BENCH_HEADERS")) do
    local name, value = line:match("^(%S+): (.*)$")
    for _ = 1, 5 do
      number = number + 1
      if tweets then
        local headers = { [name] = value, ["Content-Type"] = "application/json" }
        local body = '{"body":"Tweet number ' .. number .. ' of a long afternoon at the feeder. #bench"}'
        requests[number] = wrk.format("POST", nil, headers, body)
      else
        requests[number] = wrk.format("GET", nil, { [name] = value })
      end
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
