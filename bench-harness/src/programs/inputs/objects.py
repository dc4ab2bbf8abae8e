"""Objects of many sizes, made, looked up, turned into text and back. The argument is how many."""
import json
import sys
import zlib

n = int(sys.argv[1])
state = 1


def random(end):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % end


class Person:
    def __init__(self, number):
        self.name = "person-%d" % number
        self.friends = [random(n) for _ in range(random(12))]
        self.notes = {"key-%d" % k: "x" * random(80) for k in range(random(6))}


people = [Person(number) for number in range(n)]
by_name = {person.name: person for person in people}
for _ in range(3 * n):
    index = random(n)
    people[index] = by_name["person-%d" % index] = Person(index)

total = sum(len(by_name["person-%d" % friend].notes) for person in people for friend in person.friends)
text = json.dumps([{"name": p.name, "friends": p.friends, "notes": p.notes} for p in people])
again = json.loads(text)
again.sort(key=lambda one: (len(one["friends"]), one["name"]))
words = "".join(one["name"] + " " for one in again).split()
print(total, len(text), zlib.crc32(text.encode()), zlib.crc32(" ".join(words).encode()))
