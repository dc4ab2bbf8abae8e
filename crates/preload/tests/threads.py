# Four threads that fill dictionaries with strings: what the book's table of stages runs.
import json
import threading

lengths = {}


def work(n):
    store = {}
    for i in range(3000):
        store[i % 97] = "x" * (i % 500)
    lengths[n] = len(json.dumps(store))


threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(lengths.items()))
