#!/usr/bin/env bash
# Usage: samples/record/dns-after-config-change.sh OUT   (as root; about 7 minutes)
# A clean-up of dnsmasq's configuration drops the name that the checkout gateway looks up.
# Needs: apt-get install dnsmasq-base nginx bind9-dnsutils curl
source "$(dirname "$0")/lifecycle.sh"
begin /tmp/resolver "$(realpath -m "${1:?where to write the logs}")"
need dnsmasq dnsmasq-base
need nginx nginx
need dig bind9-dnsutils

# configure PAYMENTS_NAME: the zone of the shop; one backend is known by that name.
configure() {
    cat >"$place/shop.conf" <<SETTINGS
port=5353
listen-address=127.0.0.1
bind-interfaces
user=root
no-resolv
no-hosts
local=/shop.internal/
local-ttl=15
log-queries
log-facility=$out/dnsmasq.log
host-record=catalog.shop.internal,127.0.0.1
host-record=$1.shop.internal,127.0.0.1
host-record=stock.shop.internal,127.0.0.1
SETTINGS
}

resolve() {
    in_background dnsmasq --keep-in-foreground --conf-file="$place/shop.conf" \
        --pid-file="$place/dnsmasq.pid"
    resolver=$!
}

gateway() {
    cat >"$place/nginx.conf" <<SETTINGS
daemon off;
pid $place/nginx.pid;
error_log $out/nginx-error.log warn;
events {}
http {
    access_log $out/nginx-access.log;
    client_body_temp_path $place/body;
    proxy_temp_path $place/proxy;
    fastcgi_temp_path $place/fastcgi;
    uwsgi_temp_path $place/uwsgi;
    scgi_temp_path $place/scgi;
    resolver 127.0.0.1:5353 ipv6=off;
    server {
        listen 127.0.0.1:8084;
        server_name checkout-gateway;
        set \$payments payments-v1.shop.internal;
        set \$catalog catalog.shop.internal;
        location /pay { proxy_pass http://\$payments:8083; }
        location / { proxy_pass http://\$catalog:8085; }
    }
}
SETTINGS
    in_background nginx -c "$place/nginx.conf" -e "$out/nginx-error.log"
}

configure payments-v1
resolve
in_background /usr/bin/python3 "$programs/backend.py" catalog 8085 "$place/catalog.log"
in_background /usr/bin/python3 "$programs/backend.py" payments 8083 "$out/payments.log"
gateway
sleep 1
at=http://127.0.0.1:8084
in_background visit 0.8 "$at/cart/118" "$at/pay/9001" "$at/products/77" "$at/pay/9002"
sleep 120

cp "$place/shop.conf" "$place/before"
configure payments
say "$out/resolver-rollout.log" "dns-config: applying change 'Drop -v1 suffixes that nobody uses' by chidi"
diff -U1 --label shop.conf.before --label shop.conf "$place/before" "$place/shop.conf" \
    >>"$out/resolver-rollout.log" || true
dnsmasq --test --conf-file="$place/shop.conf" 2>>"$out/resolver-rollout.log"
end "$resolver"
resolve
say "$out/resolver-rollout.log" "dns-config: dnsmasq restarted, change applied"
sleep 200
show "$out/checks.txt" curl -sS http://127.0.0.1:8083/pay/9001
show "$out/checks.txt" curl -sS -o /dev/null -w 'HTTP %{http_code}\n' "$at/pay/9001"
sleep 40
show "$out/checks.txt" dig @127.0.0.1 -p 5353 catalog.shop.internal +noall +answer +comments
show "$out/checks.txt" dig @127.0.0.1 -p 5353 payments-v1.shop.internal +noall +answer +comments
sleep 20
