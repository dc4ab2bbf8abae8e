-- Tables, strings and closures. The argument is how many.
local n = tonumber(arg[1])
local state = 1
local function below(bound)
  state = (state * 1103515245 + 12345) % 2147483648
  return state % bound
end

local function tree(depth)
  if depth == 0 then return { value = below(100) } end
  return { left = tree(depth - 1), right = tree(depth - 1), name = "n" .. below(1000) }
end

local function sum(node)
  if node.value then return node.value end
  return #node.name + sum(node.left) + sum(node.right)
end

local n_live = 1000
local total, live = 0, {}
for i = 1, n do
  live[1 + below(n_live)] = tree(3 + below(5))
  local parts = {}
  for k = 1, below(20) do parts[k] = string.rep("x", below(40)) .. k end
  local text = table.concat(parts, ",")
  local add = function(x) return x + #text end
  total = add(total)
  for part in text:gmatch("[^,]+") do total = total + #part:upper() end
end
for i = 1, n_live do if live[i] then total = total + sum(live[i]) end end
print(total)
