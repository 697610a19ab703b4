# Sourced by each recording: a place of its own under /tmp, and an end for all that it started.
set -euo pipefail
export LC_ALL=C TZ=UTC

recorder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
started=()

# need COMMAND PACKAGE: stop before anything is begun where a program is missing.
need() {
    command -v "$1" >/dev/null || { echo "$1 is missing: apt-get install $2" >&2; exit 1; }
}

# begin PLACE OUT: PLACE must not exist yet and is removed at the end. The programs run from a copy
# in it, so that a stack trace names no path of the machine. What is written to $out reaches OUT as
# it is before anything is ended: the end of the recording is no part of the incident.
begin() {
    place=$1 out=$1/logs recorded=$2
    [ ! -e "$place" ] || { echo "$place is in the way" >&2; exit 1; }
    mkdir -p "$out" "$recorded"
    cp -r "$recorder/programs" "$place"
    programs=$place/programs
    trap finish EXIT
}

# in_background COMMAND...: start it, and end it with the recording. $! is its process.
in_background() {
    "$@" &
    started+=($!)
}

# end PID: wait until it is gone, so that its port and its files are free.
end() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

finish() {
    cp -r "$out/." "$recorded" || echo "the logs could not be copied to $recorded" >&2
    for ((at = ${#started[@]} - 1; at >= 0; at--)); do end "${started[at]}"; done
    cd / && rm -rf "$place"
}

# say FILE TEXT: a line as a deploy tool writes it.
say() {
    echo "$(date -u +%FT%TZ) $2" >>"$1"
}

# visit SECONDS URL...: request the addresses in turn, one every SECONDS.
visit() {
    local every=$1
    shift
    while :; do
        for url in "$@"; do
            curl -s -o /dev/null --max-time 5 "$url" || true
            sleep "$every"
        done
    done
}

# show FILE COMMAND...: what a person sees who runs it, with the prompt line above.
show() {
    local file=$1 word typed=""
    shift
    for word in "$@"; do
        [[ $word =~ ^[[:alnum:]_./:=@+-]+$ ]] || word=${word@Q}
        typed+=" $word"
    done
    { echo "$(date -u +%FT%TZ) \$$typed" && "$@" 2>&1 || true; } >>"$file"
}
