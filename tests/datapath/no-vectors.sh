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

# A library that cannot copy contexts, as OpenSSL 3.0.0 to 3.0.12 and 3.1.0 to 3.1.4.
cat >/run/nocopy.c <<'END'
int EVP_CIPHER_CTX_copy(void *a, const void *b);
int EVP_CIPHER_CTX_copy(void *a, const void *b) { (void)a; (void)b; return 0; }
END
if cc -shared -fPIC -o /run/nocopy.so /run/nocopy.c; then
	: >"$pair_files/nvl.log"
	DAEMON_ENV="WG_TEST_NO_VECTORS=1 LOG_LEVEL=verbose LD_PRELOAD=/run/nocopy.so"
	start l ours
	start r ours
	configure l 4
	configure r 4
	check "without copies of contexts libcrypto seals" grep -q 'sealed by libcrypto' "$pair_files/nvl.log"
	check "and carries what is sent" carried l r 10.8.0.2
	stop l
	stop r
else
	skip "a library that cannot copy contexts" "no compiler"
fi

# A configuration by which the library has no algorithms.
printf '%s\n' "openssl_conf = main" "[main]" "providers = list" "[list]" "null = nothing" "[nothing]" "activate = 1" >/run/none.cnf
: >"$pair_files/nvl.log"
DAEMON_ENV="WG_TEST_NO_VECTORS=1 LOG_LEVEL=verbose OPENSSL_CONF=/run/none.cnf"
start l ours
start r ours
configure l 4
configure r 4
check "a library that cannot seal is found out at the start" \
	grep -qx "wg-tun nvl: libcrypto cannot do ChaCha20-Poly1305: packets are sealed by code of wg-tun's own, which is slower" "$pair_files/nvl.log"
check "portable code seals" grep -q 'sealed by portable' "$pair_files/nvl.log"
check "and carries what is sent, too" carried l r 10.8.0.2
stop l
stop r
finish
