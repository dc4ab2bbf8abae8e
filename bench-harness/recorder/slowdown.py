"""How much slower a Python program runs while it is recorded.

    python3 bench-harness/recorder/slowdown.py [REPETITIONS]

Plain and recorded runs take turns. Printed is the processor time, user and system, of the shortest
and of the median run of each. Two programs, with Python's own pools off: one builds and drops objects
and does little else, one also splits, sorts and searches text.
"""

import os
import resource
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

OBJECTS = """
class Node:
    def __init__(self, key, parent):
        self.key, self.parent, self.children = key, parent, []
        if parent:
            parent.children.append(self)

for turn in range(6):
    level = [Node("root", None)]
    for depth in range(7):
        level = [Node(f"{node.key}.{child}", node) for node in level for child in range(4)]
    table = {f"row {row}": [row, str(row), {"tag": row % 7}] for row in range(20000)}
"""

TEXT = """
import re
for turn in range(12):
    words = [format(number * 2654435761 % 4294967296, "x") for number in range(20000)]
    text = " ".join(sorted(words))
    found = [match.group(0).upper() for match in re.finditer("[a-f]{2,}[0-9]+", text)]
    counts = {}
    for word in text.split():
        counts[word[:3]] = counts.get(word[:3], 0) + 1
    lines = [f"{key}: {count}" for key, count in sorted(counts.items())]
"""


def library():
    """Builds the recorder as `cargo xtask record` does."""
    build = ["cargo", "build", "--quiet", "--profile", "quick", "--package", "recorder"]
    subprocess.run(build, cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    return os.path.join(target, "quick", "librecorder.so")


def seconds(program, preload):
    """Processor time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as directory:
        env = dict(os.environ, PYTHONMALLOC="malloc", PYTHONHASHSEED="0")
        if preload:
            env.update(LD_PRELOAD=preload, ALLOCATION_RECORD_DIR=directory)
        subprocess.run([sys.executable, "-S", "-c", program], env=env, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    recorder = library()
    for name, program in ("objects", OBJECTS), ("text", TEXT):
        runs = [(seconds(program, None), seconds(program, recorder)) for _ in range(n)]
        plain, recorded = (sorted(times) for times in zip(*runs))
        for what, at in ("shortest", 0), ("median", n // 2):
            factor = recorded[at] / plain[at]
            print(f"{name}: {what} {plain[at]:.3f} s, recorded {recorded[at]:.3f} s: {factor:.2f}")


main()
