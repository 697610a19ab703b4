#!/usr/bin/env bash
# Usage: samples/record/postgres-connections.sh OUT   (as root; about 8 minutes)
# A release of orders-api leaks database sessions until PostgreSQL has none left.
# Needs: apt-get install postgresql python3-psycopg2 curl
source "$(dirname "$0")/lifecycle.sh"
begin /tmp/orders "$(realpath -m "${1:?where to write the logs}")"
source "$(dirname "$0")/postgres.sh" 55432

serve() {
    in_background /usr/bin/python3 "$programs/orders_api.py" "$1" 8081 "$dsn" "$out/orders-api.log"
    api=$!
}

invoices() {
    while :; do
        local said
        if said=$(psql -Atq "$dsn" -c 'SELECT count(*) FROM orders' 2>&1); then
            say "$out/invoice-worker.log" "INFO invoice-worker run finished, $said orders checked"
        else
            say "$out/invoice-worker.log" "ERROR invoice-worker run failed: $said"
        fi
        sleep 30
    done
}

start_postgres 30
fill_orders 2000
serve 3.4.2
in_background invoices
at=http://127.0.0.1:8081/orders
in_background visit 0.9 "$at/118/quote" "$at/204/quote?coupon=WELCOME10" "$at/77/quote" \
    "$at/911/quote?coupon=SPRING5" "$at/356/quote" "$at/42/quote?coupon=LOYAL5" "$at/1203/quote"
sleep 100

say "$out/deploy.log" "deploy orders-api 3.4.2 -> 3.5.0 requested by ben"
end "$api"
serve 3.5.0
sleep 2
curl -sf http://127.0.0.1:8081/healthz
say "$out/deploy.log" "deploy orders-api 3.5.0 healthy: GET /healthz 200"
say "$out/deploy.log" "deploy orders-api 3.5.0 finished"
sleep 235

sessions="SELECT application_name, state, count(*), max(now() - state_change) AS longest
FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1, 2 ORDER BY 3 DESC"
as_admin "$sessions" >"$out/pg_stat_activity.txt"
sleep 20
