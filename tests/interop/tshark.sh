#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An independent look at the wire: tshark, given the keys, decrypts captured sessions of wg-tun.
#
#	[ tsl ] wg-tun, begins --- l0, captured here --- wg-tun [ tsr ]
#
# Static keys are known; the ephemeral ones are among the randomness that random-shim.c notes.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
for p in tshark dumpcap; do
	command -v $p >/dev/null || { skip "tshark decrypts" "no $p"; exit 0; }
done
PAIR=ts
capture=/run/capture.pcapng random=/run/random keys=/run/keys
export XDG_CONFIG_HOME=/run HOME=/run

# session [psk]: captured from before the handshake on.
session()
{
	rm -f $capture $random $keys
	: >$random
	DAEMON_ENV="LD_PRELOAD=$HELPERS/interop/random-shim.so RANDOM_SHIM=$random" start l ours || return
	start r ours || return
	ip netns exec ts-l dumpcap -q -i l0 -w $capture 2>/dev/null &
	dumpcap=$!
	wait_for 10 test -s $capture
	configure r 4 "$@" && configure l 4 "$@" || return
	ping_inner l -c 3 -i 0.2 -p 77697265 -W 6 && ping_inner l -c 2 -i 0.2 -W 6 -6 || return
	sleep 0.5
	kill -INT $dumpcap
	wait $dumpcap
	{
		echo "LOCAL_STATIC_PRIVATE_KEY=$(cat "$pair_files/tsl.key")"
		echo "REMOTE_STATIC_PUBLIC_KEY=$(public r)"
		# A preshared key is that of the ephemeral key before it.
		while read -r ephemeral; do
			echo "LOCAL_EPHEMERAL_PRIVATE_KEY=$ephemeral"
			[ $# = 0 ] || echo "PRESHARED_KEY=$(cat "$pair_files/ts.psk")"
		done <$random
	} >$keys
	stop l
	stop r
}

# fields FILTER FIELD...: of what was captured.
fields()
{
	fields_filter=$1
	shift
	for fields_name; do
		set -- "$@" -e "$fields_name"
		shift
	done
	tshark -r $capture -o "wg.keylog_file:$keys" -d udp.port==51821,wg -d udp.port==51822,wg \
		-Y "$fields_filter" -T fields "$@" 2>/run/tshark.err || cat /run/tshark.err
}

dissect()
{
	check "$1: an initiation and a response, and the data of one session" same "1
2
4" "$(fields wg wg.type | sort -u)"
	check "$1: mac1 of the initiation" same "" "$(fields 'wg.type == 1 && !wg.mac1' frame.number)"
	check "$1: the handshake opens" same "1" "$(fields 'wg.type == 2 && wg.handshake_ok' frame.number | wc -l)"
	check "$1: who began it is inside" same "1" "$(fields "wg.type == 1 && wg.static.known_pubkey" wg.type | wc -l)"
	check "$1: three echo requests and their replies are inside" same "3 3" \
		"$(fields 'wg.type == 4 && icmp.type == 8' frame.number | wc -l) $(fields 'wg.type == 4 && icmp.type == 0' frame.number | wc -l)"
	check "$1: with the pattern that was asked for" same "6" \
		"$(fields 'wg.type == 4 && icmp && data contains 77:69:72:65' frame.number | wc -l)"
	check "$1: IPv6, too" same "4" "$(fields 'wg.type == 4 && icmpv6.type >= 128 && icmpv6.type <= 129' frame.number | wc -l)"
	check "$1: counters begin at 0 and go up by one" same "0 1 2 3 4" \
		"$(fields 'wg.type == 4 && ip.src == 192.0.2.1' wg.counter | head -n 5 | xargs)"
	check "$1: reserved bytes are zero" same "" "$(fields 'wg && !(wg.reserved == 00:00:00)' frame.number)"
}

pair_make
check "a session is captured" session
dissect "without a preshared key"
check "a session with a preshared key is captured" session psk
dissect "with a preshared key"
finish
