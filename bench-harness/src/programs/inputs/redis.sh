# A server on loopback, and requests to it. Arguments: port, requests, the C library.
set -e
# Some servers are linked with an allocator of their own, which would be taken for libc's.
if test -z "$LD_PRELOAD" && test -n "$3"; then
    export LD_PRELOAD="$3"
fi
redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --daemonize no \
    --dir "${TMPDIR:-/tmp}" --logfile /dev/null &
server=$!
trap 'kill $server 2> /dev/null || true' EXIT
tries=0
until redis-cli -p "$1" ping > /dev/null 2>&1; do
    tries=$((tries + 1))
    test $tries -lt 200
    sleep 0.05
done
redis-benchmark -p "$1" -q -n "$2" -r 100000 -d 100 -c 20 -P 16 \
    -t set,get,incr,lpush,lpop,sadd,hset,spop,zadd,mset > /dev/null 2>&1
redis-cli -p "$1" ping
redis-cli -p "$1" shutdown nosave > /dev/null 2>&1 || true
wait $server
