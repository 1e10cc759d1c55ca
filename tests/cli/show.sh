#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# `wg show` and `wg showconf` on devices in namespaces of their own, the kernel's where it has
# WireGuard, else wg-tun's. With $ORACLE_WG set to a wg of wireguard-tools, every form is
# compared with its output byte for byte.
set -u
WG=$(realpath "${WG:-build/wg/wg}")
[ -n "${ORACLE_WG:-}" ] && ORACLE_WG=$(realpath "$ORACLE_WG")
export WG ORACLE_WG
if [ "${1:-}" != inside ]; then
	for tool in unshare ip; do
		command -v $tool >/dev/null || { echo "# needs $tool"; exit 77; }
	done
	exec timeout 400 unshare -mn sh "$0" inside
fi

failures=0
ok() { echo "ok $1"; }
not_ok() { echo "not ok $1"; failures=$((failures + 1)); }
check() { name=$1; shift; if "$@"; then ok "$name"; else not_ok "$name"; fi; }

T=$(mktemp -d)
pids=
finish() {
	# shellcheck disable=SC2086
	[ -n "$pids" ] && kill $pids 2>/dev/null
	rm -rf "$T"
}
trap finish EXIT
umask 077
mount -t tmpfs none /var/run || exit 77
ip link set lo up

device() {
	ip link add "$1" type wireguard 2>/dev/null && return
	"${WG_TUN:-build/tun/wg-tun}" -f "$1" >/dev/null 2>&1 &
	pids="$pids $!"
	i=0
	while ! [ -S "/var/run/wireguard/$1.sock" ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || { echo "# no device $1"; exit 1; }
		sleep 0.05
	done
}

# Two devices that talk to each other, one with settings of every kind, one with none.
device twa; device twb; device twempty
"$WG" genkey >"$T/a"; "$WG" genkey >"$T/b"; "$WG" genpsk >"$T/psk"
A=$("$WG" pubkey <"$T/a"); B=$("$WG" pubkey <"$T/b"); C=$("$WG" genkey | "$WG" pubkey)
"$WG" set twb private-key "$T/b" listen-port 42002 peer "$A" preshared-key "$T/psk" \
	allowed-ips 10.9.0.1/32
"$WG" set twa private-key "$T/a" listen-port 42001 fwmark 0 peer "$B" preshared-key "$T/psk" \
	endpoint 127.0.0.1:42002 allowed-ips 10.9.0.2/32,fd00:9::/64,0.0.0.0/0 \
	persistent-keepalive 25 \
	peer "$C" endpoint '[::1]:7' persistent-keepalive 3700
ip link set twb up; ip link set twa up
i=0
until "$WG" show twa latest-handshakes | grep -q '[1-9][0-9]*$' &&
	"$WG" show twb latest-handshakes | grep -q '[1-9][0-9]*$'; do
	i=$((i + 1))
	[ $i -lt 100 ] || { not_ok handshake; break; }
	sleep 0.1
done
# The keepalives come to rest, and counters with them.
sleep 1

# Userspace implementations list peers in any order, and seconds pass: the same command of both is
# repeated until they agree, and it is a failure when they never do.
same() {
	[ -n "${ORACLE_WG:-}" ] || return 0
	n=0
	while [ $n -lt 40 ]; do
		"$WG" "$@" >"$T/ours" 2>/dev/null; ours=$?
		"$ORACLE_WG" "$@" >"$T/theirs" 2>/dev/null; theirs=$?
		[ $ours = $theirs ] && cmp -s "$T/ours" "$T/theirs" && return 0
		n=$((n + 1))
	done
	diff "$T/theirs" "$T/ours" | sed 's/^/# /'
	return 1
}

parameters='public-key private-key listen-port fwmark peers preshared-keys endpoints allowed-ips
latest-handshakes transfer persistent-keepalive dump'
for d in twa twb twempty all; do
	for p in $parameters; do
		# Older releases prefix this one wrongly: once per interface, not per line.
		[ "$d $p" = 'all endpoints' ] || check "show-$d-$p" same show $d "$p"
	done
done
for d in twa twb twempty; do
	check "showconf-$d" same showconf $d
	for colour in always never; do
		for hide in always never; do
			export WG_COLOR_MODE=$colour WG_HIDE_KEYS=$hide
			check "pretty-$d-$colour-$hide" same show $d
		done
	done
	unset WG_COLOR_MODE WG_HIDE_KEYS
done
check show-interfaces same show interfaces
check show-nothing-there same show twnone
check show-bad-parameter same show twa bogus
check show-too-many same show twa dump x
check show-interfaces-with-parameter same show interfaces dump
check showconf-no-argument same showconf

# What must hold without another wg to compare with.
tab=$(printf '\t')
check dump-interface-line test "$("$WG" show twa dump | head -n1)" = \
	"$(cat "$T/a")${tab}$A${tab}42001${tab}off"
check dump-silent-peer sh -c '"$WG" show twa dump | cut -f 1-6,8 | grep -qxF "$1"' - \
	"$C${tab}(none)${tab}[::1]:7${tab}(none)${tab}0${tab}0${tab}3700"
check show-all-endpoints sh -c \
	'"$WG" show all endpoints | awk -F "\t" "NF != 3 || \$1 !~ /^tw[ab]\$/ {exit 1}"'
check names-on-one-line sh -c 'test "$("$WG" show interfaces | wc -l)" = 1'
check newest-handshake-first test "$("$WG" show twa | sed -n 's/^peer: //p' | head -n1)" = "$B"
check keys-hidden sh -c '"$WG" show twa | grep -q "private key: (hidden)"'
check keys-hidden-all sh -c '! "$WG" show twa | grep -qF "$1"' - "$(cat "$T/a")"
check no-color-wins-over-terminal sh -c \
	'! NO_COLOR=1 script -qec "\"$WG\" show twa" /dev/null | grep -q "$(printf "\\033")"'
check terminal-has-colour sh -c \
	'script -qec "\"$WG\" show twa" /dev/null | grep -q "$(printf "\\033")"'
check always-wins-over-no-color sh -c \
	'NO_COLOR=1 WG_COLOR_MODE=always "$WG" show twa | grep -q "$(printf "\\033")"'
check full-disk sh -c '! "$WG" show twa dump >/dev/full 2>/dev/null'
check long-name sh -c '! "$WG" show twa45678901234567 2>/dev/null'
check slash-in-name sh -c '! "$WG" show ../wireguard/twa 2>/dev/null'

# Who may not look into the folder of sockets hears of the kernel alone, as of wireguard-tools.
if command -v setpriv >/dev/null; then
	cp "$WG" /var/run/wg
	[ ! -d /var/run/wireguard ] || chmod 700 /var/run/wireguard
	check unprivileged-asks-kernel sh -c '! setpriv --reuid 65534 --clear-groups /var/run/wg show \
		twa 2>&1 | grep -q "Permission denied"'
fi

# showconf is what setconf takes.
check round-trip sh -c '"$WG" showconf twa >"$1/conf" && "$WG" setconf twempty "$1/conf" 2>"$1/e" ||
	grep -q "Address already in use" "$1/e"' - "$T"

# A socket that nobody listens on goes away, a file of that name stays.
# shellcheck disable=SC2086
set -- $pids
if [ $# = 3 ]; then
	kill -9 "$3"; wait "$3" 2>/dev/null
	pids="$1 $2"
fi
mkdir -p /var/run/wireguard
touch /var/run/wireguard/twfile.sock
"$WG" show interfaces >/dev/null
check stale-socket-removed test ! -e /var/run/wireguard/twempty.sock
check file-kept test -f /var/run/wireguard/twfile.sock
exit $((failures > 0))
