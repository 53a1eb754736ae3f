#!/usr/bin/env bash
# Builds the container image from deploy/docker/Dockerfile with the executable in dist/ (`make release` first),
# leaves it in target/image/ as an OCI archive, and tries it out: tools/image-test.sh. That needs root.
# Its storage is a folder of its own: nothing of the machine's images is touched, and no registry is asked.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/same.sh

# In a view of the mounts of its own, which tools/image-test.sh may change.
unshare --mount true 2>/dev/null || die "only root can try the image out here: run 'sudo make image'."
[ -x dist/siskin ] || die "dist/siskin is not there: run 'make release' first."
tools/setup.sh image
name_commit
version=$(version_of_sources)
storage=$(mktemp -d)
# Layers belong to other users, and a mount may be left.
trap 'buildah_here umount --all >/dev/null 2>&1 || true; rm -rf "$storage"' EXIT

# buildah_here COMMAND… and podman_here COMMAND… work in that storage.
buildah_here() { buildah --root "$storage/root" --runroot "$storage/run" --storage-driver vfs "$@"; }

say "Building the image"
# The same executable makes the same image: all times are the commit's.
buildah_here bud --quiet --isolation chroot --pull-never --format docker --timestamp "$SISKIN_COMMIT_TIME" \
    --build-arg EXECUTABLE=dist --build-arg SISKIN_VERSION="$version" --build-arg SISKIN_COMMIT="$SISKIN_COMMIT" \
    --build-arg CREATED="$(date -u -d "@$SISKIN_COMMIT_TIME" +%FT%TZ)" \
    --file deploy/docker/Dockerfile --tag "siskin:$version" . >"$storage/log" 2>&1 || { cat "$storage/log" >&2; die "the image can't be built."; }
mkdir -p target/image
rm -f target/image/siskin.oci.tar
buildah_here push --quiet "siskin:$version" "oci-archive:target/image/siskin.oci.tar:siskin:$version" >/dev/null

# It belongs to whoever asked for it.
[ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" target/image

unshare --mount --propagation private tools/image-test.sh "$storage" "siskin:$version"
say "target/image/siskin.oci.tar is ready ($(du -h target/image/siskin.oci.tar | cut -f 1)): podman load -i target/image/siskin.oci.tar"
