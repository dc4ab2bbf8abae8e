# Objects, strings, arrays and hashes. The argument is how many records.
n = Integer(ARGV[0])
$state = 1

def below(bound)
  $state = ($state * 1_103_515_245 + 12_345) % 2_147_483_648
  $state % bound
end

Record = Struct.new(:name, :parts, :notes)

def record(index)
  name = "record-#{index}-" + 'n' * below(60)
  parts = Array.new(below(24)) { |k| "part #{k} " + 'p' * below(40) }
  Record.new(name, parts, { name: name.upcase, size: parts.sum(&:size).to_s * below(9) })
end

live = Array.new(n / 10) { |index| record(index) }
n.times { |index| live[below(live.size)] = record(index) }
text = live.map { |one| one.parts.join(',') + one.notes[:size] }.join("\n")
words = text.split(/[ ,\n]/)
groups = words.group_by(&:size).transform_values(&:count)
puts text.size, words.tally.size, groups.sort.first(8).inspect, text.gsub('part', 'whole').sum
