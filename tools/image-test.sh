#!/usr/bin/env bash
# Tries an image out as it will be used: one file, nobody's user, nothing writable but /data, no capabilities, and
# what people wrote is still there in the next container. tools/image.sh calls it: image-test.sh STORAGE IMAGE
# Where podman may not run containers, the same root file system runs in a chroot, read-only, as the same user.
set -euo pipefail
. "$(dirname "$0")/env.sh"

storage=$1 image=$2
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
site=http://127.0.0.1:$port
buildah_here() { buildah --root "$storage/root" --runroot "$storage/run" --storage-driver vfs "$@"; }
podman_here() {
    podman --log-level fatal --root "$storage/root" --runroot "$storage/run" --storage-driver vfs --runtime crun --cgroup-manager cgroupfs \
        --events-backend file "$@"
}
checked() { say "Checked: $*"; }

# -- What it is ---------------------------------------------------------------------------------------
container=$(buildah_here from --pull-never "$image")
root=$(buildah_here mount "$container")
# /data/README stands for the folder, /data for the volume.
found=$(cd "$root" && find . -mindepth 1 -type f ! -path './data/*' | sort)
[ "$found" = ./siskin ] || die "the image has more in it than one file: $found"
buildah_here inspect --type image "$image" | python3 -c '
import json, sys
config = json.load(sys.stdin)["Docker"]["config"]
user, group = config["User"].split(":")
assert int(user) > 0 and int(group) > 0, config["User"]
assert config["Healthcheck"]["Test"] == ["CMD", "/siskin", "health"], config["Healthcheck"]
assert list(config["Volumes"]) == ["/data"] and config["StopSignal"] == "SIGTERM", config
labels = config["Labels"]
for name in "title description licenses source version revision created".split():
    assert labels["org.opencontainers.image." + name], name
' || die "the image's settings are not as deploy/docker/Dockerfile means them."
checked "one file, a numeric user that is not root, a health check, a volume, labels"

# -- How it runs --------------------------------------------------------------------------------------
# crun wants one kind of control groups; some machines have two. This is our own view of the mounts.
! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
# As a cautious operator would: docs/PACKAGES.md says the same.
closed=(--read-only --read-only-tmpfs=false --cap-drop all --security-opt no-new-privileges --network host --pull never
    --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --health-interval disable
    --env "SISKIN_ADDR=127.0.0.1:$port" --env SISKIN_THROTTLE=off --volume siskin:/data)

# run_podman NAME and its like start the server; exec_… run another command of the same executable beside it.
start_podman() { podman_here run --detach --name "$1" "${closed[@]}" "$image" >/dev/null; }
stop_podman() { podman_here stop --time 20 "$1" >/dev/null && podman_here rm "$1" >/dev/null; }
health_podman() { podman_here healthcheck run "$1" >/dev/null; }
status_podman() { cat "/proc/$(podman_here inspect --format '{{.State.Pid}}' "$1")/status"; }
log_podman() { podman_here logs "$1"; }

start_chroot() {
    local here=$storage/chroot
    if [ ! -d "$here" ]; then
        mkdir -p "$here" "$storage/data"
        cp -a "$root/data/." "$storage/data/" && chown -R 65532:65532 "$storage/data" && chmod 700 "$storage/data"
        mount --bind "$root" "$here" && mount -o remount,bind,ro "$here" && mount --bind "$storage/data" "$here/data"
    fi
    (exec_in_chroot /siskin serve) >"$storage/$1.log" 2>&1 &
    echo $! >"$storage/$1.pid"
}
# Whoever becomes somebody else than root loses root's capabilities by it.
exec_in_chroot() {
    exec env -i "PATH=$PATH" "SISKIN_ADDR=127.0.0.1:$port" SISKIN_THROTTLE=off \
        chroot --userspec 65532:65532 --groups= "$storage/chroot" "$@"
}
stop_chroot() { kill "$(cat "$storage/$1.pid")" && wait "$(cat "$storage/$1.pid")"; }
health_chroot() { (exec_in_chroot /siskin health) >/dev/null; }
status_chroot() { cat "/proc/$(cat "$storage/$1.pid")/status"; }
log_chroot() { cat "$storage/$1.log"; }

way=podman
if ! podman_here run --rm "${closed[@]}" "$image" --version >"$storage/why" 2>&1; then
    say "Not as a container, but in a chroot, as podman can't run one here: $(tail -n 1 "$storage/why")"
    way=chroot
fi

ready() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        "health_$way" "$1" 2>/dev/null && return
        sleep 0.1
    done
    "log_$way" "$1" >&2
    die "the image does not become ready."
}

# ask METHOD PATH [TOKEN BODY] prints the answer.
ask() {
    python3 - "$site" "$@" <<'END'
import sys, urllib.request
site, method, path, token, body = (sys.argv[1:] + ["", ""])[:5]
headers = {"Content-Type": "application/json"} | ({"Authorization": "Bearer " + token} if token else {})
request = urllib.request.Request(site + path, body.encode() or None, headers, method=method)
print(urllib.request.urlopen(request).read().decode())
END
}

"start_$way" first
ready first
ask GET / | grep -q '</html>' || die "the image serves no page."
status=$("status_$way" first)
grep -Eq '^Uid:\s+65532\s+65532\s+65532\s+65532$' <<<"$status" || die "it runs as another user: $status"
grep -Eq '^CapEff:\s+0+$' <<<"$status" || die "it has capabilities: $status"
pid=$(sed -n 's/^Pid:\s*//p' <<<"$status")
while read -r _ _ _ _ point options _; do
    [ "$point" != / ] || case ,$options, in *,ro,*) ;; *) die "its root is writable: $options" ;; esac
done <"/proc/$pid/mountinfo"
checked "serves as 65532 without capabilities, root read-only, ready by its own health check ($way)"

ask POST /api/v1/users "" '{"username":"ana","email":"ana@example.org","password":"correct horse battery"}' >/dev/null
token=$(ask POST /api/v1/tokens "" '{"username":"ana","password":"correct horse battery"}' | python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')
ask POST /api/v2/tweets "$token" '{"body":"from the first container"}' >/dev/null
"stop_$way" first
"start_$way" second
ready second
ask GET / | grep -q 'from the first container' || die "what was written is not there in the next container."
"stop_$way" second
checked "what was written is there in a new container of the same volume"
