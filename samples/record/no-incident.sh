#!/usr/bin/env bash
# Usage: samples/record/no-incident.sh OUT   (as root; about 6 minutes)
# The nightly backup keeps one core busy for two minutes; everybody is served as before.
# Needs: apt-get install postgresql python3-psycopg2 xz-utils curl
source "$(dirname "$0")/lifecycle.sh"
begin /tmp/orders-host "$(realpath -m "${1:?where to write the logs}")"
source "$(dirname "$0")/postgres.sh" 55433
need xz xz-utils

backup() {
    local dump="$place/orders.sql.xz"
    say "$out/backup.log" "INFO orders-backup started by its schedule: pg_dump orders, xz level 6"
    nice pg_dump "$dsn" | nice xz -6 -T1 >"$dump"
    say "$out/backup.log" "INFO orders-backup wrote orders.sql.xz, $(stat -c %s "$dump") bytes"
    xz -t "$dump"
    say "$out/backup.log" "INFO orders-backup verified orders.sql.xz, finished with status 0"
}

start_postgres 60
fill_orders 800000
in_background /usr/bin/python3 "$programs/orders_api.py" 3.4.2 8086 "$dsn" "$out/orders-api.log"
in_background /usr/bin/python3 "$programs/cpu_meter.py" $$ "$out/cpu.log"
sleep 2
at=http://127.0.0.1:8086
in_background visit 1 "$at/orders/118/quote" "$at/orders/204/quote?coupon=WELCOME10" \
    "$at/orders/77/quote" "$at/healthz" "$at/orders/356/quote"
sleep 100
backup
sleep 60
show "$out/checks.txt" curl -sS -o /dev/null -w 'HTTP %{http_code} in %{time_total} s\n' "$at/healthz"
sleep 30
