#!/usr/bin/env bash
# Usage: samples/record/out-of-memory.sh OUT   (about 8 minutes)
# profile-indexer runs out of heap, and again after each restart: its cache was made larger.
# Needs: apt-get install openjdk-17-jdk-headless
source "$(dirname "$0")/lifecycle.sh"
begin /tmp/profile-indexer "$(realpath -m "${1:?where to write the logs}")"
need javac openjdk-17-jdk-headless

configure() {
    printf 'queue=profile-events\nbatch=150\ncache.max_entries=%s\n' "$1" \
        >"$place/indexer.properties"
}

# supervise: start it again whenever it ends, as an init system does; append to the logs.
supervise() {
    local child status restarts=0
    trap 'kill "$child" 2>/dev/null; wait "$child"; exit 0' TERM
    while :; do
        java -Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
            -Xlog:gc:stdout:utctime,level,tags -cp "$place" ProfileIndexer \
            "$place/indexer.properties" >>"$out/profile-indexer.log" 2>&1 &
        child=$!
        say "$out/supervisor.log" "profile-indexer started, restarts so far: $restarts"
        status=0
        wait "$child" || status=$?
        restarts=$((restarts + 1))
        say "$out/supervisor.log" "profile-indexer ended with status $status, next start in 5 s"
        sleep 5 &
        wait $!
    done
}

javac -d "$place" "$programs/ProfileIndexer.java"
configure 5000
in_background supervise
supervisor=$!
sleep 90
cp "$place/indexer.properties" "$place/before"
configure 100000
say "$out/config-rollout.log" "rollout of indexer.properties requested by dana"
diff -U0 --label before --label after "$place/before" "$place/indexer.properties" \
    >>"$out/config-rollout.log" || true
end "$supervisor"
in_background supervise
say "$out/config-rollout.log" "rollout of indexer.properties finished, profile-indexer restarted"
sleep 330
