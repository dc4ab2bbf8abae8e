# A web server on loopback that compresses its pages, and requests to it. Arguments: the folder with its
# pages, port, requests.
set -e
cat > "$1/nginx.conf" <<END
daemon off;
master_process off;
pid $1/nginx.pid;
error_log /dev/null;
events { worker_connections 64; }
http {
    access_log off;
    gzip on;
    gzip_http_version 1.0;
    gzip_types application/json;
    types { application/json json; text/html html; }
    client_body_temp_path $1/body;
    proxy_temp_path $1/proxy;
    fastcgi_temp_path $1/fastcgi;
    uwsgi_temp_path $1/uwsgi;
    scgi_temp_path $1/scgi;
    server {
        listen 127.0.0.1:$2;
        root $1/pages;
        autoindex on;
        ssi on;
    }
}
END
nginx -p "$1" -c "$1/nginx.conf" -e /dev/null &
server=$!
trap 'kill $server 2> /dev/null || true' EXIT
tries=0
until ab -q -n 1 "http://127.0.0.1:$2/" > /dev/null 2>&1; do
    tries=$((tries + 1))
    test $tries -lt 200
    sleep 0.05
done
for page in records.json includes.html ""; do
    ab -q -n "$3" -c 8 -H 'Accept-Encoding: gzip' "http://127.0.0.1:$2/$page" 2> /dev/null |
        grep -E '^(Complete|Failed|Non-2xx|HTML)'
done
kill $server
wait $server || true
