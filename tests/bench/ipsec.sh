# SPDX-License-Identifier: GPL-2.0
# IPsec between the two ends of ../pair.sh: ESP in tunnel mode with 10.8.0.1 and 10.8.0.2 inside. Sourced after it.
#
#	start_esp_kernel CIPHER     by the kernel's XFRM, with keys that are set by hand
#	start_esp_userspace CIPHER  by strongSwan's libipsec, in a kernel without ESP
#
# CIPHER is chacha20poly1305 or aes256gcm. Both return 1 where they cannot.

# The addresses inside, at a device that is always there.
esp_addresses()
{
	for esp_side in l r; do
		on $esp_side ip address add "10.8.0.$(number $esp_side)/32" dev lo
	done
}

# esp_state SIDE FROM TO SPI: how packets between the two addresses are sealed, for this end.
esp_state()
{
	on "$1" ip xfrm state add src "192.0.2.$2" dst "192.0.2.$3" proto esp spi "$4" mode tunnel \
		aead "$esp_name" "0x$(head -c "$esp_key" /dev/zero | tr '\0' "$4" | od -A n -v -t x1 | tr -d ' \n')" 128
}

start_esp_kernel()
{
	case $1 in
	chacha20poly1305) esp_name='rfc7539esp(chacha20,poly1305)' esp_key=36 ;;
	aes256gcm) esp_name='rfc4106(gcm(aes))' esp_key=36 ;;
	esac
	pair_make
	esp_addresses
	for esp_side in l r; do
		esp_n=$(number $esp_side) esp_far=$(number "$(other $esp_side)")
		esp_state $esp_side 1 2 1 && esp_state $esp_side 2 1 2 || return 1
		on $esp_side ip xfrm policy add src "10.8.0.$esp_n/32" dst "10.8.0.$esp_far/32" dir out \
			tmpl src "192.0.2.$esp_n" dst "192.0.2.$esp_far" proto esp mode tunnel || return 1
		on $esp_side ip xfrm policy add src "10.8.0.$esp_far/32" dst "10.8.0.$esp_n/32" dir in \
			tmpl src "192.0.2.$esp_far" dst "192.0.2.$esp_n" proto esp mode tunnel || return 1
		on $esp_side ip route add "10.8.0.$esp_far/32" via "192.0.2.$esp_far" src "10.8.0.$esp_n"
	done
	wait_for 5 on l ping -q -c 1 -W 1 10.8.0.2
}

# charon SIDE: in the background; $esp_work has its settings. It wants a /run of its own.
charon()
{
	esp_n=$(number "$1") esp_far=$(number "$(other "$1")")
	cat >"$esp_work/$1.conf" <<-END
		charon {
			load_modular = no
			load = random nonce aes sha1 sha2 hmac kdf gcm openssl chapoly curve25519 kernel-libipsec \
				kernel-netlink socket-default vici
			plugins {
				vici {
					socket = unix://$esp_work/$1.vici
				}
				kernel-libipsec {
					allow_peer_ts = yes
				}
			}
		}
	END
	cat >"$esp_work/$1.swanctl" <<-END
		connections {
			pair {
				version = 2
				encap = yes
				local_addrs = 192.0.2.$esp_n
				remote_addrs = 192.0.2.$esp_far
				proposals = aes256gcm16-prfsha256-curve25519
				local {
					auth = psk
					id = side$esp_n
				}
				remote {
					auth = psk
					id = side$esp_far
				}
				children {
					inner {
						local_ts = 10.8.0.$esp_n/32
						remote_ts = 10.8.0.$esp_far/32
						esp_proposals = $esp_proposal
					}
				}
			}
		}
		secrets {
			ike {
				secret = of-a-benchmark
			}
		}
	END
	# shellcheck disable=SC2016
	behind "$1" unshare -m sh -c 'mount -t tmpfs run /run && exec env STRONGSWAN_CONF="$1" /usr/lib/ipsec/charon' \
		sh "$esp_work/$1.conf" >"$esp_work/$1.log" 2>&1
	echo "$behind" >"$pair_files/$PAIR$1.pid"
	wait_for 10 test -S "$esp_work/$1.vici" &&
		swanctl --load-all --noprompt --file "$esp_work/$1.swanctl" --uri "unix://$esp_work/$1.vici" \
			>"$esp_work/$1.load" 2>&1
}

start_esp_userspace()
{
	case $1 in
	chacha20poly1305) esp_proposal=chacha20poly1305-curve25519 ;;
	aes256gcm) esp_proposal=aes256gcm16-curve25519 ;;
	esac
	[ -x /usr/lib/ipsec/charon ] && command -v swanctl >/dev/null || return 1
	# Not below /run, where each of them sees one of its own.
	esp_work=$(mktemp -d)
	pair_make
	esp_addresses
	if charon l && charon r &&
		swanctl --initiate --child inner --uri "unix://$esp_work/l.vici" >"$esp_work/initiate" 2>&1 &&
		wait_for 5 on l ping -q -c 1 -W 1 10.8.0.2; then
		rm -rf "$esp_work"
		return 0
	fi
	tail -n 5 "$esp_work"/*.log "$esp_work"/*.load "$esp_work/initiate" >&2
	rm -rf "$esp_work"
	return 1
}
