#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wg-tun as on a processor without vector instructions, where libcrypto seals and opens. The library comes
# to life while files can still be read; in the sandbox it would end the daemon, or do without them.
. "$(dirname "$0")/../tool.sh"
alone "$@"
if [ ! -x "$WG_TUN_TESTHOOKS" ]; then
	not_ok "there is a wg-tun built with TESTHOOKS=1 ($WG_TUN_TESTHOOKS)"
	finish
fi
. "$(dirname "$0")/../pair.sh"
PAIR=nv

# carried FROM TO ADDRESS: all of it, and unharmed.
carried()
{
	ip netns exec "$PAIR-$2" timeout 60 "$HELPERS/bench/stream" sink "$3" 5001 2 check &
	carried_sink=$!
	on "$1" timeout 60 "$HELPERS/bench/stream" send "$3" 5001 2 10M || return
	wait $carried_sink
}

pair_make
start r ours
configure r 4
WG_TUN=$WG_TUN_TESTHOOKS
DAEMON_ENV="WG_TEST_NO_VECTORS=1 LOG_LEVEL=verbose"
start l ours
configure l 4
check "libcrypto seals" grep -q 'sealed by libcrypto' "$pair_files/nvl.log"
check "a tunnel to one that uses vectors" ping_inner l -c 2 -i 0.2 -W 6
check "carries what is sent" carried l r 10.8.0.2
check "and what comes" carried r l fd08::1
check "it is alive" "$WG" show nvl
check "a build for use cannot be told to" sh -c '! grep -q WG_TEST_NO_VECTORS "$1"' - "$top/build/tun/wg-tun"
stop l
stop r

# A configuration by which the library has no algorithms.
printf '%s\n' "openssl_conf = main" "[main]" "providers = list" "[list]" "null = nothing" "[nothing]" "activate = 1" >/run/none.cnf
start_without()
{
	! OPENSSL_CONF=/run/none.cnf WG_TEST_NO_VECTORS=1 timeout 5 "$WG_TUN_TESTHOOKS" nvx 2>/run/said || return
	cat /run/said
	same "wg-tun: libcrypto has no ChaCha20-Poly1305 that works" "$(cat /run/said)"
}
check "a library that cannot seal is found out at the start" start_without
finish
