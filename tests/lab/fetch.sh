#!/bin/bash
# Put a private Asterisk and a private SIPp under DIR, for tests: no root, no chroot, nothing on the machine changes.
#
#   tests/lab/fetch.sh [DIR]        DIR: .lab/ of this checkout unless told
#
# Both come as Debian packages from the mirror this machine's apt already uses (checked against Debian's own keys),
# unpacked but not installed, and are started through the loader and libraries they were built for:
# DIR/bin/asterisk and DIR/bin/sipp. So the tests meet the same versions on Debian 12 and 13, which have no Asterisk.
#
# Downloads about 20 MB the first time, answers at once when all is there, and may be run by several at once.
# Ends with 1, and one line that says why, if it cannot be done.
#
#   LAB_MIRROR     another Debian mirror
#   LAB_SUITES     releases to try in turn (default: forky sid)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:-$here/../../.lab}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
stamp=$dir/fetched
suites=${LAB_SUITES:-forky sid}

say() { echo "lab: $*" >&2; }
fail() { say "$*"; exit 1; }

# The stamp is written last and names the recipe it was made by, so an interrupted or outdated tree is made again.
recipe=$(cat "$here/fetch.sh" "$here/etc/modules.conf" | sha256sum | cut -d' ' -f1)
fetched() { [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$recipe" ]; }

fetched && exit 0
for tool in apt-get dpkg-deb flock; do
    command -v "$tool" >/dev/null || fail "$tool is missing; Asterisk can be fetched on Debian and its relatives only"
done
exec 9>"$dir/lock"
flock 9
fetched && exit 0 # another run did it while this one waited

case $(dpkg --print-architecture) in
amd64) triplet=x86_64-linux-gnu loader=usr/lib64/ld-linux-x86-64.so.2 ;;
arm64) triplet=aarch64-linux-gnu loader=usr/lib/ld-linux-aarch64.so.1 ;;
*) fail "no recipe for a $(dpkg --print-architecture) machine" ;;
esac

# The few packages that are really needed, named one by one: a fifth of the download of their whole closure.
asterisk_debs="asterisk asterisk-modules asterisk-core-sounds-en-gsm libbsd0 libc6 libcap2 libcrypt1 libedit2 libgcc-s1
    libgsm1 libjansson4 libmd0 libsqlite3-0 libssl3t64 libstdc++6 libsystemd0 libtinfo6 liburiparser1 libuuid1
    libxml2-16 libxslt1.1 libzstd1 zlib1g"
sipp_debs="sip-tester libgsl28 libgslcblas0 libncursesw6 libpcap0.8t64 libsctp1 libdbus-1-3 libpugixml1v5"

work=$dir/work
root=$work/root

debian_mirror() {
    local uri
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E '/debian/?$' | head -n 1 || true)
    echo "${LAB_MIRROR:-$uri}"
}

# An apt that knows nothing of this machine: own lists, own cache, nothing counted as installed.
private_apt() {
    local keyring
    for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do [ -r "$keyring" ] && break; done
    [ -r "$keyring" ] || fail "Debian's keys are missing (package debian-archive-keyring)"
    [ -n "$(debian_mirror)" ] || fail "apt of this machine knows no Debian mirror; set LAB_MIRROR to its address"
    rm -rf "$work"
    mkdir -p "$work"/apt/{lists/partial,cache/archives/partial,etc,parts} "$work/debs" "$root"
    : >"$work/apt/status"
    echo "deb [signed-by=$keyring] $(debian_mirror) $1 main" >"$work/apt/etc/sources.list"
    cat >"$work/apt/apt.conf" <<CONF
Dir::State "$work/apt";
Dir::State::Lists "$work/apt/lists";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/etc/sources.list";
Dir::Etc::sourceparts "$work/apt/parts";
Dir::Etc::preferencesparts "$work/apt/parts";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Binary::apt-get::APT::Keep-Downloaded-Packages "true";
APT::Keep-Downloaded-Packages "true";
DPkg::Post-Invoke "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
Debug::NoLocking "true";
CONF
    export APT_CONFIG=$work/apt/apt.conf
    apt-get -qq update
}

unpack() { for deb in "$@"; do dpkg-deb -x "$deb" "$root"; done; }

# Whether each program, and each module the lab's modules.conf names, finds every library within the tree.
complete() {
    local file missing
    [ -x "$root/$loader" ] || return 1
    for file in usr/sbin/asterisk usr/bin/sipp \
        $(sed -n "s#^load = \(.*\)#usr/lib/$triplet/asterisk/modules/\1#p" "$here/etc/modules.conf"); do
        [ -e "$root/$file" ] || return 1
        missing=$("$root/$loader" --library-path "$root/usr/lib/$triplet" --list "$root/$file" 2>&1 |
            grep 'not found\|cannot') && { say "$missing"; return 1; }
    done
    return 0
}

fetch_from() {
    private_apt "$1" || return 1
    # shellcheck disable=SC2086
    if (cd "$work/debs" && apt-get -qq download $asterisk_debs $sipp_debs) 2>/dev/null; then
        unpack "$work"/debs/*.deb
    fi
    complete && return 0
    say "a library of $1 has another name now: taking every package that Asterisk and SIPp depend on"
    apt-get -qq -y --download-only install asterisk asterisk-core-sounds-en-gsm sip-tester >/dev/null || return 1
    unpack "$work"/apt/cache/archives/*.deb
    complete
}

# DIR/bin/NAME starts the program in its own process (exec), with the libraries it was built for.
launcher() {
    cat >"$work/bin/$1" <<LAUNCH
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/../root" && pwd)
exec "\$root/$loader" --library-path "\$root/usr/lib/$triplet" "\$root/$2" "\$@"
LAUNCH
    chmod 755 "$work/bin/$1"
}

say "fetching Asterisk and SIPp into $dir"
for suite in $suites; do
    if fetch_from "$suite"; then
        got=$suite
        break
    fi
    say "$suite has no complete Asterisk and SIPp"
done
[ -n "${got:-}" ] || fail "no Asterisk could be fetched from $(debian_mirror) ($suites)"

mkdir -p "$work/bin"
launcher asterisk usr/sbin/asterisk
launcher sipp usr/bin/sipp
ln -sfn en_US_f_Allison "$root/usr/share/asterisk/sounds/en" # what installing the sounds would have done
ln -sfn "usr/lib/$triplet/asterisk/modules" "$root/modules"
rm -rf "$dir/root" "$dir/bin" "$stamp"
mv "$root" "$work/bin" "$dir/"
rm -rf "$work"
"$dir/bin/asterisk" -V >&2 || fail "the fetched Asterisk does not start"
{ "$dir/bin/sipp" -v 2>&1 || true; } | grep -o 'SIPp v[0-9.]*' >&2 || fail "the fetched SIPp does not start"
echo "$recipe" >"$stamp"
say "ready, from Debian $got"
