# SPDX-License-Identifier: GPL-2.0
# What wg-tun and another data path are to do together. Sourced after ../pair.sh; ours is on the left,
# the other on the right:
#
#	[ $PAIR-l ]  wg-tun  l0 --- 192.0.2.0/24, fd02::/16 --- r0  the other  [ $PAIR-r ]
#
# Every check is made in both directions where there are two. OTHER is its data path (../pair.sh); OURS
# that of the left one, by itself wg-tun, and OURS_NAME what the checks call it.

TRANSFER=${TRANSFER:-20M}
OURS=${OURS:-ours} OURS_NAME=${OURS_NAME:-wg-tun}

# How a check names them: "wg-tun and go-sid: ...".
case_name()
{
	echo "$OURS_NAME and $OTHER: $1"
}

try()
{
	try_name=$(case_name "$1")
	shift
	check "$try_name" "$@"
}

data_path()
{
	case $1 in
	l) echo "$OURS" ;;
	r) echo "$OTHER" ;;
	esac
}

# Both ends with no session and nothing learnt: FAMILY [psk].
fresh()
{
	for fresh_side in l r; do
		on $fresh_side "$WG" set "$PAIR$fresh_side" peer "$(public "$(other $fresh_side)")" remove
	done
	for fresh_side in l r; do
		configure $fresh_side "$@" || return
	done
}

shook_hands()
{
	[ "$(show l latest-handshakes)" != 0 ] && [ "$(show r latest-handshakes)" != 0 ]
}

# first_contact FAMILY PSK SIDE: SIDE begins.
first_contact()
{
	fresh "$1" "$2" || return
	# Time for a second attempt: what was under way may have begun a handshake too early.
	ping_inner "$3" -c 1 -W 12 && ping_inner "$3" -c 3 -i 0.05 -W 6 -6 &&
		ping_inner "$(other "$3")" -c 3 -i 0.05 -W 6 && shook_hands
}

# transfer SIDE FAMILY: one TCP stream to the other end, every byte compared.
transfer()
{
	transfer_to=$(other "$1")
	case $2 in
	4) transfer_address=10.8.0.$(number "$transfer_to") ;;
	6) transfer_address=fd08::$(number "$transfer_to") ;;
	esac
	ip netns exec "$PAIR-$transfer_to" timeout 60 "$HELPERS/bench/stream" sink "$transfer_address" 5001 2 check &
	transfer_sink=$!
	on "$1" timeout 60 "$HELPERS/bench/stream" send "$transfer_address" 5001 2 "$TRANSFER" &&
		wait $transfer_sink
}

# datagrams SIDE SIZE: at a rate that everyone can carry; none may be missing, twice or late. On a busy
# machine a data path may not run for a second.
datagrams()
{
	datagrams_to=$(other "$1")
	datagrams_address=10.8.0.$(number "$datagrams_to")
	ip netns exec "$PAIR-$datagrams_to" "$HELPERS/bench/datagrams" count "$datagrams_address" 5002 3 \
		>"$pair_files/$PAIR.count" &
	datagrams_sink=$!
	wait_for 5 ip netns exec "$PAIR-$datagrams_to" sh -c 'ss -Hlun sport = :5002 | grep -q .'
	on "$1" "$HELPERS/bench/datagrams" send "$datagrams_address" 5002 "$2" 1 "${RATE:-1000}" \
		>"$pair_files/$PAIR.sent" || return
	wait $datagrams_sink
	cat "$pair_files/$PAIR.sent" "$pair_files/$PAIR.count"
	read -r datagrams_sent <"$pair_files/$PAIR.sent"
	read -r datagrams_came datagrams_bytes datagrams_took datagrams_odd <"$pair_files/$PAIR.count"
	[ "$datagrams_sent" -ge 50 ] && [ "$datagrams_came" = "$datagrams_sent" ] && [ "$datagrams_odd" = 0 ]
}

# move SIDE: to another address and port; the other end is told nothing.
move()
{
	move_n=$(number "$1")
	on "$1" ip address del "192.0.2.$move_n/24" dev "${1}0"
	on "$1" ip address add "192.0.2.1$move_n/24" dev "${1}0"
	on "$1" "$WG" set "$PAIR$1" listen-port "5190$move_n"
	ping_inner "$1" -c 2 -i 0.2 -W 6 || return
	same "192.0.2.1$move_n:5190$move_n" "$(show "$(other "$1")" endpoints)" || return
	ping_inner "$(other "$1")" -c 2 -i 0.2 -W 6
}

move_back()
{
	for move_side in l r; do
		move_n=$(number $move_side)
		on $move_side ip address del "192.0.2.1$move_n/24" dev ${move_side}0
		on $move_side ip address add "192.0.2.$move_n/24" dev ${move_side}0
	done
}

# From IPv4 to IPv6 and back.
move_family()
{
	on "$1" "$WG" set "$PAIR$1" peer "$(public "$(other "$1")")" \
		endpoint "[$(outer6 "$(number "$(other "$1")")")]:$(show_port "$(other "$1")")"
	ping_inner "$1" -c 2 -i 0.2 -W 6 || return
	same "[$(outer6 "$(number "$1")")]:$(show_port "$1")" "$(show "$(other "$1")" endpoints)"
}

show_port()
{
	on "$1" "$WG" show "$PAIR$1" listen-port
}

restart() # SIDE
{
	stop "$1" KILL
	start "$1" "$(data_path "$1")" && configure "$1" 4 psk
}

# The end that was there all the time notices after KEEPALIVE_TIMEOUT and REKEY_TIMEOUT, 15 seconds and
# a third, that its session is good for nothing.
comes_back() # SIDE-THAT-RESTARTS SIDE-THAT-SPEAKS SECONDS
{
	restart "$1" || return
	comes_back_begin=$(date +%s)
	wait_for "$3" ping_inner "$2" -c 1 -W 1 || return
	[ $(($(date +%s) - comes_back_begin)) -le "$3" ]
}

# counted SIDE RULE: packets.
counted()
{
	on "$1" nft list table ip wirekit | sed -n "s/.*packets \([0-9]*\) .*comment \"$2\"\$/\1/p"
}

cookies_counted() # COUNTER: whether there were any
{
	[ "$(counted "$cookies_far" "$1")" -gt 0 ]
}

# flood_begin SIDE FAR RATE: a flood, of which some is answered with cookies where it is one. $cookies_flood is
# its process.
flood_begin()
{
	ip netns exec "$PAIR-$2" timeout 50 "$HELPERS/bench/forge" "192.0.2.$(number "$1")" \
		$((51820 + $(number "$1"))) "$3" 45 500 "$(public "$1")" >/dev/null &
	cookies_flood=$!
	wait_for 8 cookies_counted flooded
}

# connects_flooded SIDE FAR: FAR connects, new to SIDE, with a cookie. Prints what was counted.
connects_flooded()
{
	fresh 4 psk
	on "$1" "$WG" set "$PAIR$1" peer "$(public "$2")" endpoint 192.0.2.99:1
	wait_for 30 ping_inner "$2" -c 1 -W 1 || return
	for cookies_counter in replies answered; do
		echo "$cookies_counter: $(counted "$2" $cookies_counter)"
		cookies_counted $cookies_counter || return
	done
}

# cookies SIDE: that end is under load; the other, new to it, connects with a cookie. The flood is of
# initiations that only the curve can tell, and as large as it takes: who is served well enough is not asked
# for a cookie.
cookies()
{
	cookies_far=$(other "$1")
	cookies_n=$(number "$1")
	on "$cookies_far" nft -f - <<-END || return
		table ip wirekit {
			chain early {
				type filter hook prerouting priority 0
				ip daddr 10.64.0.0/10 udp length 72 counter comment "flooded"
			}
			chain incoming {
				type filter hook input priority 0
				ip daddr 192.0.2.$(number "$cookies_far") udp sport $((51820 + cookies_n)) udp length 72 \
					counter comment "replies"
			}
			chain outgoing {
				type filter hook output priority 0
				ip saddr 192.0.2.$(number "$cookies_far") udp length 156 @th,1120,128 != 0 \
					counter comment "answered"
			}
		}
	END
	on "$1" ip route replace 10.64.0.0/10 via "192.0.2.$(number "$cookies_far")"
	on "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 "net.ipv4.conf.${1}0.rp_filter=0"
	cookies_rate=${FLOOD:-30000}
	while :; do
		flood_begin "$1" "$cookies_far" $cookies_rate
		connects_flooded "$1" "$cookies_far"
		cookies_status=$?
		kill $cookies_flood 2>/dev/null
		wait $cookies_flood 2>/dev/null
		[ $cookies_status != 0 ] && [ $cookies_rate -lt 100000 ] || break
		cookies_rate=$((cookies_rate * 3))
	done
	on "$cookies_far" nft delete table ip wirekit
	return $cookies_status
}

# Nobody answers for addresses, or everybody does.
quiet() # 8|0
{
	for quiet_side in l r; do
		on $quiet_side sysctl -qw "net.ipv4.conf.${quiet_side}0.arp_ignore=$1" || return
	done
}

# wireguard-go, with itself too, may forget the index of the session that it has just begun when an
# initiation comes in at that moment: then the other end notices after 15 seconds and a third.
may_forget()
{
	case $OTHER in
	go*) true ;;
	*) false ;;
	esac
}

# crossed SIDE: what this end said first comes through before it would try again.
crossed()
{
	ping_inner "$1" -c 1 -W 6 || { may_forget && wait_for 17 ping_inner "$1" -c 1 -W 1; }
}

# Both initiations wait in the kernel for the other's address, and leave within microseconds.
cross()
{
	fresh 4 psk && quiet 8 || return
	for cross_side in l r; do
		on $cross_side ip neighbour flush dev ${cross_side}0
	done
	crossed l >"$pair_files/$PAIR.cross" &
	cross_ping=$!
	(sleep 0.4 && quiet 0) &
	cross_quiet=$!
	crossed r
	cross_status=$?
	wait $cross_ping || cross_status=1
	cat "$pair_files/$PAIR.cross"
	wait $cross_quiet
	return $cross_status
}

begun() # COUNTER: how many initiations
{
	counted r "$1"
}

# Both restart and have something to say, again and again; neither has to try a second time.
crossings()
{
	restart l && restart r || return
	on r nft -f - <<-END || return
		table ip wirekit {
			chain incoming {
				type filter hook input priority 0
				iifname r0 udp length 156 counter comment "theirs"
			}
			chain outgoing {
				type filter hook output priority 0
				oifname r0 udp length 156 counter comment "ours"
			}
		}
	END
	crossings_status=0 crossings_n=0
	while [ $crossings_n -lt "${CROSSINGS:-8}" ] && [ $crossings_status = 0 ]; do
		crossings_n=$((crossings_n + 1))
		cross && ping_inner l -c 3 -i 0.05 -W 1 && ping_inner r -c 3 -i 0.05 -W 1 || crossings_status=1
		may_forget || [ "$(begun theirs) $(begun ours)" = "$crossings_n $crossings_n" ] || crossings_status=1
	done
	echo "after $crossings_n times: $(begun theirs) and $(begun ours) initiations"
	on r nft delete table ip wirekit
	return $crossings_status
}

# A session is renewed after two minutes without anybody noticing: SIDE began it. An answer that is faster
# than wireguard-go notes what it has sent makes it begin again after 15 seconds, and a third; that is
# then the session that counts.
renews()
{
	fresh 4 psk || return
	ping_inner "$1" -c 1 -W 6 || return
	sleep 17
	renews_first=$(show l latest-handshakes)
	sleep $((renews_first + 107 - $(date +%s)))
	# What it has sent keeps it the one who renews.
	ping_inner "$1" -i 0.2 -c 130 -W 2 | tee "$pair_files/$PAIR.ping"
	grep -q ' 0% packet loss' "$pair_files/$PAIR.ping" || return
	echo "handshakes at $renews_first and $(show l latest-handshakes)"
	renews_age=$(($(show l latest-handshakes) - renews_first))
	[ $renews_age -ge 119 ] && [ $renews_age -le 131 ]
}

begin_pair()
{
	pair_make
	for begin_side in l r; do
		try "$(data_path $begin_side) starts" start $begin_side "$(data_path $begin_side)" || return
		configure $begin_side
	done
}

end_pair()
{
	stop l
	stop r
	pair_delete
}

cases()
{
	begin_pair
	for family in 4 6; do
		for psk in "" psk; do
			for side in l r; do
				try "IPv$family${psk:+, preshared key}, $(data_path $side) begins" \
					first_contact $family "$psk" $side
			done
		done
		for side in l r; do
			try "over IPv$family, TCP from $(data_path $side), IPv4 inside" transfer $side 4
			try "over IPv$family, TCP from $(data_path $side), IPv6 inside" transfer $side 6
			try "over IPv$family, UDP from $(data_path $side)" datagrams $side 64
			try "over IPv$family, as large as the MTU, from $(data_path $side)" \
				ping_inner $side -M do -s 1392 -c 3 -i 0.05 -W 2
			try "over IPv$family, in fragments, from $(data_path $side)" \
				ping_inner $side -s 8000 -c 3 -i 0.05 -W 2
		done
	done
	fresh 4 psk
	ping_inner l -c 1 -W 6 >/dev/null
	try "$(data_path l) changes its address and port" move l
	try "$(data_path r) changes its address and port" move r
	try "TCP after that" transfer l 4
	move_back
	try "$(data_path l) goes from IPv4 to IPv6" move_family l
	try "$(data_path r) goes from IPv4 to IPv6" move_family r
	fresh 4 psk
	ping_inner l -c 1 -W 6 >/dev/null
	for side in l r; do
		try "$(data_path $side) starts again and speaks first" comes_back $side $side 2
		try "$(data_path $side) starts again, the other speaks" comes_back $side "$(other $side)" 17
	done
	try "both begin at once" crossings
	[ -n "${NO_FLOOD-}" ] || floods
	end_pair
}

# FLOOD: initiations a second; FLOOD_OTHER: to the side that is not ours.
floods()
{
	for side in l r; do
		[ $side = l ] || FLOOD=${FLOOD_OTHER:-${FLOOD-}}
		try "$(data_path $side) under load demands a cookie" cookies $side
	done
}

# rekeys SIDE
rekeys()
{
	begin_pair
	try "a session that $(data_path "$1") began is renewed" renews "$1"
	end_pair
}
