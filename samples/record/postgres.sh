# Sourced after lifecycle.sh, with a port: a PostgreSQL of its own for a recording.
need psql postgresql
port=$1
dsn="host=127.0.0.1 port=$port dbname=orders user=orders"

# start_postgres MAX_CONNECTIONS: serve an empty database `orders` from $place/data.
start_postgres() {
    local bin
    bin=$(pg_config --bindir 2>/dev/null || dirname "$(readlink -f "$(command -v postgres)")")
    mkdir "$place/data" "$place/socket"
    chown -R postgres: "$place/data" "$place/socket"
    runuser -u postgres -- "$bin/initdb" -D "$place/data" -A trust -E UTF8 >/dev/null
    cat >>"$place/data/postgresql.conf" <<SETTINGS
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$place/socket'
max_connections = $1
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d %a '
log_connections = on
log_disconnections = on
log_min_duration_statement = 1000
SETTINGS
    touch "$out/postgresql.log"
    in_background setpriv --reuid postgres --regid postgres --init-groups \
        "$bin/postgres" -D "$place/data" 2>>"$out/postgresql.log"
    until runuser -u postgres -- psql -qh "$place/socket" -p "$port" -c 'SELECT 1' >/dev/null 2>&1; do
        sleep 0.3
    done
    as_admin 'CREATE ROLE orders LOGIN' 'CREATE DATABASE orders OWNER orders'
}

# as_admin STATEMENT...: run as the superuser, which has slots of its own.
as_admin() {
    for statement in "$@"; do
        runuser -u postgres -- psql -qh "$place/socket" -p "$port" -c "$statement"
    done
}

# fill_orders ROWS: orders and two coupons that exist. The log begins anew after it: setting up is
# no part of the incident.
fill_orders() {
    psql -q "$dsn" <<SQL
CREATE TABLE orders AS
  SELECT id, 500 + id * 37 % 9000 AS total, md5(id::text) || md5((id * 7)::text) AS note
  FROM generate_series(1, $1) AS id;
ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE TABLE coupons (code text PRIMARY KEY, percent integer);
INSERT INTO coupons VALUES ('WELCOME10', 10), ('LOYAL5', 5);
SQL
    : >"$out/postgresql.log"
}
