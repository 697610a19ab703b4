#!/usr/bin/env bash
# Usage: samples/record/expired-certificate.sh OUT   (as root; about 9 minutes)
# A certificate expires in front of `catalog`: its renewal wrote a new one and could not reload nginx.
# Needs: apt-get install nginx openssl curl
source "$(dirname "$0")/lifecycle.sh"
begin /tmp/catalog "$(realpath -m "${1:?where to write the logs}")"
need nginx nginx
host=catalog.shop.internal

authority() {
    mkdir -p "$place/ca" "$place/tls" && touch "$place/ca/index.txt" && echo 1000 >"$place/ca/serial"
    cat >"$place/ca/openssl.cnf" <<SETTINGS
[ca]
default_ca = shop
[shop]
dir = $place/ca
database = \$dir/index.txt
serial = \$dir/serial
new_certs_dir = \$dir
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
SETTINGS
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=Shop Internal CA" \
        -keyout "$place/ca/key.pem" -out "$place/ca/ca.pem" 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
        -keyout "$place/tls/key.pem" -out "$place/tls/request.pem" 2>/dev/null
}

# sign END: a certificate from now until END (YYYYMMDDHHMMSSZ), to $place/tls/catalog.pem.
sign() {
    openssl ca -batch -notext -config "$place/ca/openssl.cnf" -cert "$place/ca/ca.pem" \
        -keyfile "$place/ca/key.pem" -startdate "$(date -u +%Y%m%d%H%M%SZ)" -enddate "$1" \
        -in "$place/tls/request.pem" -out "$place/tls/catalog.pem" 2>/dev/null
}

front() {
    cat >"$place/nginx.conf" <<SETTINGS
daemon off;
pid $place/nginx.pid;
error_log $out/nginx-error.log info;
events {}
http {
    access_log $out/nginx-access.log;
    client_body_temp_path $place/body;
    proxy_temp_path $place/proxy;
    fastcgi_temp_path $place/fastcgi;
    uwsgi_temp_path $place/uwsgi;
    scgi_temp_path $place/scgi;
    server {
        listen 127.0.0.1:8443 ssl;
        server_name $host;
        ssl_certificate $place/tls/catalog.pem;
        ssl_certificate_key $place/tls/key.pem;
        location / { proxy_pass http://127.0.0.1:8082; }
    }
}
SETTINGS
    in_background nginx -c "$place/nginx.conf" -e "$out/nginx-error.log"
}

# renew: what the nightly job does; the reload looks for nginx in the default place, not in ours.
renew() {
    local log="$out/cert-renewal.log"
    say "$log" "renewal of $host: due, signing"
    sign "$(date -u -d '+90 days' +%Y%m%d%H%M%SZ)"
    say "$log" "renewal of $host: wrote /tmp/catalog/tls/catalog.pem"
    say "$log" "running hook: nginx -s reload"
    nginx -s reload 2>>"$log" ||
        say "$log" "hook ended with status $?"
    say "$log" "renewal of $host: done"
}

shop() {
    in_background /usr/bin/python3 "$programs/storefront.py" "$1" "$host" 8443 \
        "$place/ca/ca.pem" "$out/storefront.log"
    storefront=$!
}

authority
sign "$(date -u -d '+250 seconds' +%Y%m%d%H%M%SZ)"
in_background /usr/bin/python3 "$programs/backend.py" catalog 8082 "$out/catalog.log"
front
sleep 1
shop 7.2.0
sleep 45
renew
sleep 130
say "$out/deploy.log" "deploy storefront 7.2.0 -> 7.2.1 requested by ben"
end "$storefront"
shop 7.2.1
say "$out/deploy.log" "deploy storefront 7.2.1 finished"
sleep 170
say "$out/deploy.log" "rollback storefront 7.2.1 -> 7.2.0 requested by ben"
end "$storefront"
shop 7.2.0
say "$out/deploy.log" "rollback storefront 7.2.0 finished"
sleep 60
show "$out/checks.txt" curl -sS --resolve "$host:8443:127.0.0.1" \
    --cacert "$place/ca/ca.pem" "https://$host:8443/products/118"
show "$out/checks.txt" curl -sS http://127.0.0.1:8082/products/118
sleep 30
show "$out/checks.txt" bash -c \
    "openssl s_client -connect 127.0.0.1:8443 </dev/null 2>/dev/null | openssl x509 -noout -dates"
show "$out/checks.txt" openssl x509 -noout -dates -in "$place/tls/catalog.pem"
sleep 20
