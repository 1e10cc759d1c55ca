#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Throughput and round trip of WireGuard, IPsec and OpenVPN on the same cores, as a table and as a chart:
# build/vpn.txt, build/vpn.svg and build/vpn.png. Rounds alternate, medians are shown, nothing is asserted.
# On this kernel: wg-tun, wireguard-go, OpenVPN with AES-256-GCM, ESP with ChaCha20-Poly1305 and AES-256-GCM, by
# the kernel where it has ESP and else by strongSwan's libipsec. In User Mode Linux: our module, the kernel's
# own, and ESP of the kernel. See README.md for how to read it.
#
# BENCH_SECONDS, BENCH_ROUNDS, BENCH_LOCK: as for tunnel.sh. BENCH_VPN: `native`, `uml` or both (the default).
here=$(dirname "$0")
. "$here/../tool.sh"
umask 077
seconds=${BENCH_SECONDS:-5} rounds=${BENCH_ROUNDS:-5} places=${BENCH_VPN:-native uml}
figures=${BENCH_FIGURES:-$top/build/vpn.figures}

# --- measuring: `WHERE|WHO|MEASURE VALUE` goes to $figures ---

native()
{
	. "$here/../pair.sh"
	. "$here/lib.sh"
	. "$here/ipsec.sh"
	contestants="veth wg-tun"
	bare=wg-tun
	start_wireguard wg-tun "${BENCH_OURS:-ours}" || exit 1
	start_wireguard go go-sid && contestants="$contestants go"
	start_openvpn AES-256-GCM && contestants="$contestants vpn"
	for cipher in chacha20poly1305 aes256gcm; do
		PAIR=$(echo $cipher | cut -c 1-3)
		if unshare -n ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 mode tunnel \
			aead 'rfc4106(gcm(aes))' "0x$(printf '%072d' 0)" 128 2>/dev/null; then
			start_esp_kernel $cipher && contestants="$contestants $PAIR"
		else
			start_esp_userspace $cipher && contestants="$contestants $PAIR"
		fi
	done
	for round in $(seq "$rounds"); do
		for who in $contestants; do
			locked tcp "$who" 1
			locked round_trip "$who"
		done
	done
	for who in $contestants; do
		for measure in tcp1 rtt; do
			echo "native|$who|$measure $(median $measure "$who")" >>"$figures"
		done
	done
}

# uml: each round is a machine with the kernel's own module, and one with ours.
uml()
{
	make -s build/wg/wg helpers && sh tests/module/build.sh vpn || return
	export VM_PASS=BENCH_SECONDS
	for round in $(seq "$rounds"); do
		sh tests/vm/run.sh vpn tests/bench/vpn-guest.sh
		VM_PASS="$VM_PASS BENCH_OURS" BENCH_OURS=yes \
			sh tests/vm/run.sh vpn --module build/module/vpn/wireguard.ko tests/bench/vpn-guest.sh
	done | sed -n 's/^= //p' | tee /dev/stderr | sort | awk '
		{ n[$1]++; v[$1, n[$1]] = $2 }
		END {
			# Medians: the values of a name come in no order.
			for (k in n) {
				for (i = 2; i <= n[k]; i++)
					for (j = i; j > 1 && v[k, j] + 0 < v[k, j - 1] + 0; j--) {
						t = v[k, j]; v[k, j] = v[k, j - 1]; v[k, j - 1] = t
					}
				print "uml|" k, v[k, int((n[k] + 1) / 2)]
			}
		}' >>"$figures"
}

# --- the table and the chart ---

label() # WHERE WHO
{
	case $2 in
	veth) echo "no tunnel" ;;
	wg-tun) echo "WireGuard, wg-tun" ;;
	go) echo "WireGuard, wireguard-go" ;;
	ours) echo "WireGuard, our module" ;;
	theirs) echo "WireGuard, in-tree module" ;;
	vpn) echo "OpenVPN, AES-256-GCM" ;;
	cha) echo "IPsec, ChaCha20-Poly1305" ;;
	aes) echo "IPsec, AES-256-GCM" ;;
	esac
}

# value WHERE WHO MEASURE
value()
{
	sed -n "s/^$1|$2|$3 //p" "$figures" | tail -n 1
}

table()
{
	for where in native uml; do
		grep -q "^$where|" "$figures" || continue
		case $where in
		native) echo "On this kernel ($(uname -r), $(nproc) processors):" ;;
		uml) echo "In User Mode Linux 6.1 (one processor, ciphers without vector instructions):" ;;
		esac
		printf '  %-28s %14s %16s %16s\n' '' 'TCP, Gbit/s' 'of no tunnel' 'round trip, us'
		for who in veth wg-tun go ours theirs cha aes vpn; do
			tcp=$(value $where $who tcp1) rtt=$(value $where $who rtt)
			[ -n "$tcp" ] || continue
			printf '  %-28s %14s %16s %16s\n' "$(label $where $who)" "$tcp" \
				"$(awk -v a="$tcp" -v b="$(value $where veth tcp1)" 'BEGIN { if (b > 0) printf "%.2f", a / b }')" "$rtt"
			printf '"%s"\t%s\t%s\n' "$(label $where $who)" "$tcp" "${rtt:-0}" >>"$top/build/vpn.$where.dat"
		done
	done
}

# chart TERMINAL FILE
chart()
{
	{
		echo "set terminal $1"
		echo "set output '$2'"
		echo "set multiplot layout $(ls "$top"/build/vpn.*.dat | wc -l),2"
		echo "set style fill solid 0.8; set boxwidth 0.6; set grid ytics; unset key; set yrange [0:*]"
		echo "set xtics rotate by -30 scale 0; set bmargin 9; set rmargin 16; set offsets 0.5,0.5,0,0"
		for where in native uml; do
			[ -e "$top/build/vpn.$where.dat" ] || continue
			place="this kernel"
			[ $where = native ] || place="User Mode Linux"
			# Without the first row, no tunnel, beside which the others are too small to be told apart.
			echo "set title 'TCP, Gbit/s ($place, no tunnel: $(value $where veth tcp1)): more is better'"
			echo "plot '$top/build/vpn.$where.dat' every ::1 using 0:2:xtic(1) with boxes, \\"
			echo "  '' every ::1 using 0:2:2 with labels offset 0,0.6"
			echo "set title 'Round trip, us ($place): less is better'"
			echo "plot '$top/build/vpn.$where.dat' using 0:3:xtic(1) with boxes, '' using 0:3:3 with labels offset 0,0.6"
		done
	} | gnuplot
}

if [ -z "${WG_TEST_ALONE-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "skip bench: not root"; exit 0; }
	cd "$top" || exit 1
	sh tests/deps.sh bench || exit 1
	mkdir -p build
	rm -f "$figures" build/vpn.*.dat
	case " $places " in
	*" native "*)
		sh tests/wireguard-go.sh || exit 1
		env WG_TEST_ALONE=1 BENCH_FIGURES="$figures" unshare -n -m -p -f --mount-proc --kill-child sh "$0" || exit 1
		;;
	esac
	case " $places " in
	*" uml "*) uml ;;
	esac
	[ -s "$figures" ] || exit 1
	table | tee build/vpn.txt
	size="size 1200,$(($(ls build/vpn.*.dat | wc -l) * 480))"
	chart "svg $size" build/vpn.svg
	chart "png $size" build/vpn.png
	echo "The chart: build/vpn.svg, build/vpn.png"
	exit
fi
alone
native
