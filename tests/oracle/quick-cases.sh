# SPDX-License-Identifier: GPL-2.0
# The configurations that wg-quick.sh compares: conf_NAME prints the file, setup_NAME (if any) changes
# the network before. The tunnel is wgq; the uplink up0 has 192.0.2.2/24 and 2001:db8::2/64 and both
# default routes. $H is a file that hooks write to. Sourced, not run.

KEY='wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s='
PSK='FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE='
P1='FAybEllso8BTkTPWbKepT/A1N2HbFIGS9mf4MhgzJS0='
P2='g7WNX3sEzxzzT/s8ggUWe3HTkP/OFYPCxPiRn0ku0kc='
P3='hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo='
SELF='IRiQWILDskIcHR6DlUKEEjqxKXEzA9r0aOFwUzdnpxo=' # of $KEY

# interface LINES...: the section, with key and port.
interface() {
	printf '[Interface]\nPrivateKey = %s\nListenPort = 5000\n' "$KEY"
	[ $# = 0 ] || printf '%s\n' "$@"
}

# peer KEY ALLOWED [ENDPOINT]
peer() {
	printf '\n[Peer]\nPublicKey = %s\nAllowedIPs = %s\n' "$1" "$2"
	[ -z "$3" ] || printf 'Endpoint = %s\n' "$3"
}

conf_v4() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.66.0.0/24 192.0.2.9:51820
}

conf_v6() {
	interface 'Address = fd66::2/64'
	peer $P1 'fd66::/64, fd67::/32' '[2001:db8::9]:51820'
}

conf_both() {
	interface 'Address = 10.66.0.2/32, fd66::2/128'
	peer $P1 '10.67.0.0/16, fd67::/32, 10.66.0.1, fd66::1' 192.0.2.9:51820
}

conf_addresses() {
	interface 'Address = 10.66.0.2/24,10.66.1.2/32' 'Address = fd66::2' 'address=10.66.2.2' \
		'Address = fd66::3/64, fd66:1::3/48'
	peer $P1 10.66.0.0/16 192.0.2.9:51820
}

# What the script hands to ip(8) and resolvconf as it is written.
conf_ips_own_forms() {
	interface 'Address = 10.66.0.2/255.255.255.0, 10.67/16 0x0a.68.1/030' 'Address = fd66::2/0x40' \
		'MTU = 0x500' 'DNS = 10.66.0.1:53, [fd66::1]:53, ., corp.example'
	peer $P1 10.66.0.0/16 192.0.2.9:51820
}

conf_octal_table() {
	interface 'Address = 10.66.0.2/24' 'Table = 0144'
	peer $P1 10.66.0.0/16 192.0.2.9:51820
}

conf_net_zero() {
	interface 'Address = 10.66.0.2/4'
	peer $P1 10.20.0.0/16 192.0.2.9:51820
}

conf_crlf() {
	interface 'Address = 10.66.0.2/24' 'MTU = 1400 # bytes' "PostUp = echo up >>$H # x" 'PostUp = true' | sed 's/$/\r/'
	peer $P1 10.66.0.0/16 192.0.2.9:51820 | sed 's/$/\r/'
}

conf_no_address() {
	interface
	peer $P1 10.66.0.0/16 192.0.2.9:51820
}

conf_no_peers() {
	interface 'Address = 10.66.0.2/24'
}

conf_nothing() {
	printf '[Interface]\n'
}

conf_no_allowed_ips() {
	interface 'Address = 10.66.0.2/24'
	printf '[Peer]\nPublicKey = %s\n' $P1
}

conf_covered() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 '10.66.0.5/32, 10.66.0.0/24, 10.66.0.0/16' 192.0.2.9:51820
	peer $P2 '10.66.7.0/24, 10.0.0.0/8, 10.66.0.6/32, 172.16.0.0/12, 172.16.5.0/24'
}

conf_foreign_routes() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 '198.51.100.0/24, 198.51.100.128/25, 192.0.2.128/25, fd70::/16'
}
setup_foreign_routes() {
	ip route add 198.51.100.128/25 via 192.0.2.1
	ip route add 198.51.0.0/16 via 192.0.2.1
	ip -6 route add fd70::/32 via 2001:db8::1
}

conf_halves() {
	interface 'Address = 10.66.0.2/32, fd66::2/128'
	peer $P1 '0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1' 192.0.2.9:51820
}

conf_full4() {
	interface 'Address = 10.66.0.2/32'
	peer $P1 0.0.0.0/0 192.0.2.9:51820
}

conf_full6() {
	interface 'Address = fd66::2/128'
	peer $P1 ::/0 '[2001:db8::9]:51820'
}

conf_full46() {
	interface 'Address = 10.66.0.2/24, fd66::2/64, 10.66.1.2/32' 'DNS = 10.66.0.1'
	peer $P1 '0.0.0.0/0, ::/0' 192.0.2.9:51820
	peer $P2 '10.9.0.0/16, fd09::/32'
}

conf_full4_with_v6_address() {
	interface 'Address = 10.66.0.2/32, fd66::2/128'
	peer $P1 0.0.0.0/0 192.0.2.9:51820
}

conf_full_no_address() {
	interface
	peer $P1 '0.0.0.0/0, ::/0'
}

conf_full_taken_table() {
	interface 'Address = 10.66.0.2/32, fd66::2/128'
	peer $P1 '0.0.0.0/0, ::/0'
}
setup_full_taken_table() {
	ip route add 198.51.100.0/24 via 192.0.2.1 table 51820
	ip -6 route add fd70::/32 via 2001:db8::1 table 51821
}

conf_full_foreign_rules() {
	interface 'Address = 10.66.0.2/32'
	peer $P1 0.0.0.0/0
}
setup_full_foreign_rules() {
	ip rule add from 198.51.100.0/24 table 77 priority 100
	ip rule add fwmark 0x99 table 78
	ip -6 rule add fwmark 0x99 table 78
}

conf_table_off() {
	interface 'Address = 10.66.0.2/24' 'Table = off'
	peer $P1 '0.0.0.0/0, 10.0.0.0/8, ::/0'
}

conf_table_auto() {
	interface 'Address = 10.66.0.2/24' 'Table = auto'
	peer $P1 '0.0.0.0/0, 10.0.0.0/8'
}

conf_table_number() {
	interface 'Address = 10.66.0.2/24, fd66::2/64' 'Table = 1234'
	peer $P1 '10.0.0.0/8, 10.66.0.0/24, fd00::/8'
}

conf_table_number_full() {
	interface 'Address = 10.66.0.2/24, fd66::2/64' 'Table = 1234'
	peer $P1 '0.0.0.0/0, ::/0'
}

conf_table_hex() {
	interface 'Address = 10.66.0.2/24' 'Table = 0x4d2'
	peer $P1 10.0.0.0/8
}

conf_table_main() {
	interface 'Address = 10.66.0.2/24' 'Table = main'
	peer $P1 '10.0.0.0/8, 172.16.0.0/12'
}

conf_table_twice() {
	interface 'Address = 10.66.0.2/24' 'Table = 5' 'Table = 6'
	peer $P1 10.0.0.0/8
}

conf_mtu() {
	interface 'Address = 10.66.0.2/24, fd66::2/64' 'MTU = 1300'
	peer $P1 10.0.0.0/8 192.0.2.9:51820
}

conf_mtu_uplink() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8 192.0.2.9:51820
}
setup_mtu_uplink() {
	ip link set up0 mtu 1400
}

conf_mtu_uplink6() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8 '[2001:db8:5::9]:51820'
}
setup_mtu_uplink6() {
	ip -6 route add 2001:db8:5::/48 via 2001:db8::1 mtu 1350
}

conf_mtu_route() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8 198.51.100.9:51820
}
setup_mtu_route() {
	ip route add 198.51.100.0/24 via 192.0.2.1 mtu 1350
}

conf_mtu_default_route() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8
}
setup_mtu_default_route() {
	ip link set up0 mtu 1444
}

conf_mtu_no_route() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8 198.51.100.9:51820
}
setup_mtu_no_route() {
	ip route del default
	ip -6 route del default
}

conf_mtu_largest_last() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8 198.51.100.9:51820
	peer $P2 172.16.0.0/12 192.0.2.9:51820
}
setup_mtu_largest_last() {
	ip route add 198.51.100.0/24 via 192.0.2.1 mtu 1450
}

conf_mark_full() {
	interface 'Address = 10.66.0.2/32, fd66::2/128' 'FwMark = 0x1234'
	peer $P1 '0.0.0.0/0, ::/0'
}

conf_mark_split() {
	interface 'Address = 10.66.0.2/32' 'FwMark = 77'
	peer $P1 10.0.0.0/8
}

conf_mark_off() {
	interface 'Address = 10.66.0.2/32' 'FwMark = off'
	peer $P1 0.0.0.0/0
}

conf_hooks() {
	interface 'Address = 10.66.0.2/24' "PreUp = echo pre-up %i >>$H" \
		"PostUp = echo post-up %i %i >>$H" "PreDown = echo pre-down %i >>$H" \
		"PostDown = echo post-down %i >>$H"
	peer $P1 10.0.0.0/8
}

conf_hooks_many() {
	interface "PostUp = echo 1 >>$H; echo 2 >>$H" "postup = echo 3 >>$H" 'Address = 10.66.0.2/24' \
		"PostUp = if [[ %i == wgq && 1 -lt 2 ]]; then echo \$BASH_VERSION | wc -l >>$H; fi" \
		"PreDown = ip -o link show %i | cut -d: -f2 >>$H" "PostDown = x=5; echo \"\$x = %i\" >>$H" \
		"PostDown = ip link show %i >>$H 2>&1 || echo gone >>$H" \
		"PostUp = ip -4 route show dev %i | wc -l >>$H" "PreUp = echo 0 >>$H"
	peer $P1 10.0.0.0/8
}

conf_hook_sees_link() {
	interface 'Address = 10.66.0.2/24' "PreUp = ip link show %i >/dev/null && echo there >>$H"
	peer $P1 10.0.0.0/8
}

conf_hooks_status() {
	interface 'Address = 10.66.0.2/24' "PostUp = echo one | grep -q two; echo \$? >>$H" \
		"PostUp = cat >>$H" "PostUp = echo \"\$0 \$#\" | wc -w >>$H; umask >>$H; echo \$LC_ALL >>$H"
	peer $P1 10.0.0.0/8
}

conf_hook_comment() {
	interface 'Address = 10.66.0.2/24' "PostUp = echo a >>$H # a comment" \
		"PostUp = echo 'b#c' >>$H"
	peer $P1 10.0.0.0/8
}

conf_hook_fails() {
	interface 'Address = 10.66.0.2/24' "PreUp = echo begun >>$H" 'PostUp = exit 7'
	peer $P1 '0.0.0.0/0, ::/0'
}

conf_hook_fails_early() {
	interface 'Address = 10.66.0.2/24' 'PreUp = false' "PostUp = echo never >>$H"
	peer $P1 10.0.0.0/8
}

conf_hook_fails_down() {
	interface 'Address = 10.66.0.2/24' "PostDown = echo post >>$H"
	peer $P1 10.0.0.0/8
}

conf_dns() {
	interface 'Address = 10.66.0.2/24' 'DNS = 10.66.0.1'
	peer $P1 10.0.0.0/8
}

conf_dns_many() {
	interface 'Address = 10.66.0.2/24' 'DNS = 10.66.0.1, fd66::1,10.66.0.3' 'dns = corp.example' \
		'DNS = lan.example, fd66::2'
	peer $P1 10.0.0.0/8
}

conf_dns_search_only() {
	interface 'Address = 10.66.0.2/24' 'DNS = corp.example'
	peer $P1 10.0.0.0/8
}

conf_save() {
	interface 'Address = 10.66.0.2/24, fd66::2/64' 'SaveConfig = true' 'MTU = 1333' 'DNS = 10.66.0.1' \
		"PostUp = echo up %i >>$H" 'Table = 99'
	peer $P1 '10.0.0.0/8, fd00::/8' 192.0.2.9:51820
}

conf_save_hook() {
	interface 'Address = 10.66.0.2/24' 'SaveConfig = TRUE' \
		"PostUp = wg set %i peer $P2 allowed-ips 10.99.0.0/24"
}

conf_save_off() {
	interface 'Address = 10.66.0.2/24' 'SaveConfig = false' 'PostUp = wg set %i listen-port 5001'
	peer $P1 10.0.0.0/8
}

conf_save_odd() {
	interface 'Address = 10.66.0.2/24' 'SaveConfig = yes'
}

conf_secrets() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8 192.0.2.9:51820
	printf 'PresharedKey = %s\nPersistentKeepalive = 25\n' $PSK
	peer $P2 172.16.0.0/12 '[2001:db8::9]:7'
	printf 'PersistentKeepalive = off\n'
}

conf_key_by_hook() {
	printf '%s\n' '[Interface]' 'Address = 10.66.0.2/24' 'ListenPort = 5000' \
		"PostUp = wg set %i private-key $T/key"
	peer $P1 10.0.0.0/8 192.0.2.9:51820
}

conf_fifty_peers() {
	"$GEN" quick 50 3
}

conf_comments() {
	printf '# SPDX\n#[Interface]\n  # Address = 1.2.3.4/5\n\n[Interface] # here\n'
	printf 'PrivateKey = %s # secret\nAddress = 10.66.0.2/24 # mine\nMTU=1400#small\n' "$KEY"
	printf 'ListenPort = 5000\n#DNS = 1.1.1.1\n\n### peers\n[Peer] #\n# friendly_name = laptop\n'
	printf 'PublicKey = %s\nAllowedIPs = 10.0.0.0/8 # all\n#' $P1
}

conf_odd_case() {
	printf '[INTERFACE]\nPRIVATEKEY=%s\nlistenport=5000\n  aDdReSs=10.66.0.2/24\t\n\tmtu = 1401\n' "$KEY"
	printf 'TABLE=99\n[pEER]\npublickey=%s\nALLOWEDIPS=10.0.0.0/8 , 172.16.0.0/12\n' $P1
}

conf_crlf() {
	conf_both | sed 's/$/\r/'
}

conf_sections_again() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/8
	printf '[Interface]\nMTU = 1402\nAddress = 10.66.1.2/24\n'
	peer $P2 172.16.0.0/12
}

conf_stolen() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 '10.5.0.0/16, 10.6.0.0/16'
	peer $P2 10.5.0.0/16
	peer $P3 '::/0, 10.7.0.0/16'
}

# In a mesh, one list of peers may serve every node.
conf_self() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.5.0.0/16
	peer $SELF '::/0, 10.7.0.0/16'
}

conf_same_peer_twice() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.5.0.0/16
	peer $P1 10.6.0.0/16
}

conf_host_bits() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 '10.5.6.7/16, fd00::5/64'
}

conf_endpoint_name() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.5.0.0/16 localhost:51820
}

conf_unknown_key() {
	interface 'Address = 10.66.0.2/24' 'Colour = red'
}

conf_unknown_section() {
	interface 'Address = 10.66.0.2/24'
	printf '[Server]\n'
}

conf_bad_address() {
	interface 'Address = 10.66.0.2/24, 10.66.0.300/24'
	peer $P1 10.0.0.0/8
}

conf_bad_mtu() {
	interface 'Address = 10.66.0.2/24' 'MTU = many'
}

conf_bad_table() {
	interface 'Address = 10.66.0.2/24' 'Table = Off'
	peer $P1 10.0.0.0/8
}

conf_bad_key() {
	printf '[Interface]\nPrivateKey = nonsense\nAddress = 10.66.0.2/24\n'
}

conf_bad_allowed_ips() {
	interface 'Address = 10.66.0.2/24'
	peer $P1 10.0.0.0/80
}

conf_same_address_twice() {
	interface 'Address = 10.66.0.2/24, 10.66.0.2/24'
}

conf_empty() {
	:
}
