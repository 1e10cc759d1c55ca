#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The clocks of one end jump (clock-shim.c; the machine's own stay): the wall clock forward and back, and
# the boottime forward as after a suspend. The tunnel is there again within the protocol's bound.
#
#	[ ckl ] wg-tun with a shim --- wg-tun [ ckr ]
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
PAIR=ck
jumps=/run/jumps
day=86400

# jump REAL BOOT: seconds that the clocks are ahead from now on.
jump()
{
	perl -e 'print pack("qq", $ARGV[0] * 1e9, $ARGV[1] * 1e9)' -- "$1" "$2" |
		dd of=$jumps conv=notrunc status=none
}

# renewed SECONDS SIDE REAL BOOT: within that time after the jump SIDE's ping is answered, in a session
# that is younger. A timer may begin it before the ping does.
renewed()
{
	renewed_before=$(show r latest-handshakes)
	sleep 1.1
	jump "$3" "$4"
	wait_for "$1" ping_inner "$2" -c 1 -W 1 || { echo "no answer"; return 1; }
	echo "handshakes at $renewed_before and $(show r latest-handshakes)"
	[ "$(show r latest-handshakes)" -gt "$renewed_before" ]
}

answers()
{
	ping_inner l -c 3 -i 0.1 -W 2 && ping_inner r -c 3 -i 0.1 -W 2
}

jump 0 0
pair_make
DAEMON_ENV="LD_PRELOAD=$HELPERS/soak/clock-shim.so CLOCK_SHIM=$jumps" start l ours
start r ours
configure l 4 psk
configure r 4 psk
check "a tunnel" ping_inner l -c 2 -i 0.2 -W 6
jump $day 0
check "the wall clock goes a day ahead: the session stays" answers
jump -$day 0
check "the wall clock goes two days back: the session stays" answers
# Beyond the end of a session, which either end may have begun.
check "and a new one is accepted, though its time is earlier" renewed 8 l -$day 200
check "the wall clock goes three days ahead: a new session" renewed 8 l $((2 * day)) 400
check "and back again: a new session" renewed 8 l 0 600
check "an hour of sleep: it is there when the one that slept speaks" renewed 8 l 0 4000
check "an hour of sleep: the other notices after 15 seconds" renewed 17 r 0 8000
jump 0 8030
check "half a minute of sleep: the session stays" answers
# With nothing to send a timer must fire by itself: the keepalive that follows data that came.
on l "$WG" set ckl peer "$(public r)" persistent-keepalive 600
sleep 0.5
sent=$(on l "$WG" show ckl transfer | cut -f 3)
jump 0 8700
# sent_more: something went out by itself.
sent_more()
{
	[ "$(on l "$WG" show ckl transfer | cut -f 3)" -gt "$sent" ]
}
check "what was due during the sleep is done after it" wait_for 3 sent_more
stop l
stop r
finish
