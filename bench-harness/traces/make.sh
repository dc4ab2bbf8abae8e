#!/bin/sh
# Records the shipped traces anew. All inputs are generated here, from nothing but numbers.
#
#   sh bench-harness/traces/make.sh
#
# Needs python3, sqlite3, gcc, jq and git. Other versions of them give other traces; README.md
# says which were recorded.
set -eu
traces=$(cd "$(dirname "$0")" && pwd)
inputs=$(mktemp -d)
trap 'rm -rf "$inputs"' EXIT
cd "$traces/../.."

# record NAME PROGRAM ARGS…: the busiest process becomes NAME.trace, without threads and times,
# which differ from run to run.
record() {
    name=$1
    shift
    mkdir -p target/traces/made
    cargo xtask record -o "target/traces/made/$name.trace" -- "$@" > /dev/null
    cargo xtask trace convert "target/traces/made/$name.trace" \
        --drop threads,times -o "$traces/$name.trace"
}

# An interpreter: objects, dictionaries, strings, an exception here and there, cyclic garbage.
cat > "$inputs/program.py" <<'PYTHON'
import re

class Node:
    def __init__(self, key, parent):
        self.key, self.parent, self.children = key, parent, []
        if parent:
            parent.children.append(self)

def words(seed, n):
    letters = "abcdefghijklmnopqrstuvwxyz"
    for _ in range(n):
        seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
        yield "".join(letters[seed >> shift & 15] for shift in range(seed % 9 + 1))

counts, places = {}, {}
for place, word in enumerate(words(1, 5000)):
    counts[word] = counts.get(word, 0) + 1
    places.setdefault(word[:2], []).append((place, word))
text = " ".join(sorted(counts, key=lambda word: (-counts[word], word)))
found = [match.group(0).upper() for match in re.finditer(r"\b[a-h]{3,}\b", text)]

for tree in range(6):
    root = Node("root", None)
    level = [root]
    for depth in range(5):
        level = [Node(f"{node.key}.{child}", node) for node in level for child in range(4)]
    del root, level

table = [{"id": row, "name": f"row {row}", "tags": [str(row % 7), str(row % 11)]} for row in range(1500)]
for row in range(0, len(table), 3):
    try:
        table[row] = [int(table[row]["name"]), row]
    except ValueError as error:
        table[row] = str(error)
lines = [repr(row) for row in table]
print(len(counts), len(found), sum(map(len, lines)))
PYTHON
PYTHONMALLOC=malloc PYTHONHASHSEED=0 record python python3 -S "$inputs/program.py"

# A database: inserts in transactions, an index, joins, updates, deletes, an aggregate.
awk 'BEGIN {
    print "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, kind INTEGER, price REAL);"
    print "CREATE TABLE sale(id INTEGER PRIMARY KEY, item INTEGER, day INTEGER, n INTEGER);"
    print "CREATE INDEX sale_item ON sale(item);"
    for (i = 1; i <= 900; i++) {
        if (i % 50 == 1) print "BEGIN;"
        printf "INSERT INTO item VALUES(%d, \047item number %d %s\047, %d, %.2f);\n", i, i * 7919 % 10007, substr("abcdefghijklmnopqrstuvwxyz", 1 + i % 20), i % 13, i * 37 % 1000 / 7
        printf "INSERT INTO sale(item, day, n) SELECT id, %d, %d FROM item WHERE id %% 17 = %d;\n", i % 365, i % 9 + 1, i % 17
        if (i % 50 == 0) print "COMMIT;"
    }
    for (day = 0; day < 120; day++) {
        printf "SELECT kind, count(*), sum(price * n) FROM item JOIN sale ON sale.item = item.id WHERE day = %d GROUP BY kind ORDER BY 3 DESC;\n", day
        printf "UPDATE item SET name = name || \047, day %d\047 WHERE kind = %d;\n", day, day % 13
        printf "DELETE FROM sale WHERE day = %d AND n < 4;\n", day
        printf "SELECT group_concat(name, \047;\047) FROM item WHERE name LIKE \047%%%d%%\047;\n", day
    }
}' > "$inputs/script.sql"
record sqlite sqlite3 -batch :memory: ".read $inputs/script.sql"

# A compiler: functions with loops, switches and calls, optimised.
awk 'BEGIN {
    print "struct shape { int kind; long width, height; struct shape *next; };"
    for (f = 0; f < 20; f++) {
        printf "long f%d(struct shape *s, long n) {\n    long sum = %d, table[%d];\n", f, f, f % 8 + 4
        printf "    for (long i = 0; i < %d; i++) table[i] = i * n + %d;\n", f % 8 + 4, f
        print "    for (; s; s = s->next) {\n        switch (s->kind) {"
        for (k = 0; k < f % 6 + 3; k++)
            printf "        case %d: sum += s->width * %d - table[n %% %d]; break;\n", k, k + f, f % 8 + 4
        print "        default: if (s->height > n) sum ^= s->height; else sum -= n;\n        }\n    }"
        if (f > 0) printf "    if (sum > %d) sum += f%d(s, sum >> 3);\n", f * 100, f - 1
        print "    return sum;\n}"
    }
}' > "$inputs/shapes.c"
record gcc gcc -O2 -c "$inputs/shapes.c" -o "$inputs/shapes.o"

# A parser: a document of nested records is read, queried and written.
awk 'BEGIN {
    for (i = 0; i < 1500; i++) {
        printf "{\"id\": %d, \"name\": \"record %d\", \"ratio\": %.3f, \"active\": %s, ", i, i * 7919 % 10007, i / 7, i % 3 ? "true" : "false"
        printf "\"path\": [\"a%d\", \"b%d\", {\"deep\": {\"er\": [%d, null, \"%s\"]}}]}\n", i % 10, i % 100, i, substr("the quick brown fox jumps over the lazy dog", 1 + i % 30)
    }
}' > "$inputs/records.json"
record jq jq -s 'map(select(.active) | .name |= ascii_upcase | .path[2].deep.er[0] += 1)
    | group_by(.path[0]) | map({key: .[0].path[0], total: (map(.ratio) | add), names: map(.name)})
    | sort_by(.total)' "$inputs/records.json"

# A version control system: 150 revisions of 60 files, and their history.
git init -q "$inputs/repository"
(
    cd "$inputs/repository"
    for revision in $(seq 150); do
        for file in $(seq "$((revision % 7 + 1))" 7 60); do
            seq "$revision" "$((revision * file % 300 + 400))" > "file$file.txt"
        done
        git add . > /dev/null
        GIT_AUTHOR_DATE="@$revision +0000" GIT_COMMITTER_DATE="@$revision +0000" \
            git -c user.name=a -c user.email=a@b commit -qm "Revision $revision"
    done
)
record git git -C "$inputs/repository" log --stat -p --all -M -w --numstat
