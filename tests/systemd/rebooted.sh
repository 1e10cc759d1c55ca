#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in the container of ../systemd.sh at its second boot: the units that inside.sh has enabled, beside
# systemd-networkd and nftables.service.
. /job/tool.sh

both_up()
{
	systemctl -q is-active wg-quick@wg0 && systemctl -q is-active wg-quick@full
}
entered() # UNIT: when it became active, in microseconds
{
	systemctl show -P ActiveEnterTimestampMonotonic "$1"
}
started() # UNIT: when it began to start
{
	systemctl show -P InactiveExitTimestampMonotonic "$1"
}
sooner() # A B
{
	echo "$1 and $2"
	[ "$1" -gt 0 ] && [ "$2" -gt 0 ] && [ "$1" -le "$2" ]
}
rules()
{
	ip rule show; ip -6 rule show
}
# Of the tunnel that has all traffic.
stands()
{
	[ "$(rules)" = "$rules" ] && [ "$(ip route show table all dev full)" = "$routes" ] &&
		[ "$(ip -o address show dev full)" = "$addresses" ] && nft list tables | grep -q "$tables"
}
shown()
{
	rules; ip route show table all dev full; ip -o address show dev full; nft list tables
	systemctl status --no-pager wg-quick-watch
}
put_back()
{
	wait_for 20 stands || { shown; return 1; }
}

come_up()
{
	wait_for 30 both_up || { systemctl status --no-pager --full wg-quick@wg0 wg-quick@full; systemctl list-jobs; return 1; }
}
check "enabled tunnels are up after a reboot" come_up
check "the kill switch is active" systemctl is-active wg-quick-killswitch@full
check "it was there before the network" sooner "$(entered wg-quick-killswitch@full)" "$(entered network-pre.target)"
check "and before systemd-networkd" sooner "$(entered wg-quick-killswitch@full)" "$(started systemd-networkd)"
check "and after the firewall that flushes all tables" sooner "$(entered nftables)" "$(started wg-quick-killswitch@full)"
check "the network was there before the tunnel" sooner "$(entered network-online.target)" "$(started wg-quick@full)"
check "the watch runs" systemctl is-active wg-quick-watch
check "it came before the tunnels" sooner "$(entered wg-quick-watch)" "$(started wg-quick@full)"

rules=$(rules)
routes=$(ip route show table all dev full)
addresses=$(ip -o address show dev full)
tables=$(nft list tables | grep -o 'wg-quick.*kill.*' | head -n 1)
check "the kill switch is loaded" test -n "$tables"
check "all traffic goes to the tunnel" sh -c 'ip route get 198.51.100.1 | grep "dev full"'

priority=$(ip rule show | sed -n 's/^\([0-9]*\):.*suppress_prefixlength 0.*/\1/p' | head -n 1)
check "a rule of the tunnel is deleted" ip rule del priority "$priority"
check "the watch puts it back" put_back
configured()
{
	networkctl status up0 | grep -q '(configured)'
}
check "systemd-networkd is restarted" systemctl restart systemd-networkd
check "and has configured its link" wait_for 20 configured
check "the tunnel stands, or is put back" put_back
check "systemd-networkd is reloaded" networkctl reload
check "and has configured its link" wait_for 20 configured
check "the tunnel stands" put_back
check "nftables.service is restarted, and flushes all tables" systemctl restart nftables
check "the kill switch is put back" put_back

pid=$(systemctl show -P MainPID wg-quick@full)
carried_anew()
{
	new=$(systemctl show -P MainPID wg-quick@full)
	systemctl -q is-active wg-quick@full && [ "$new" != "$pid" ] && [ "$new" != 0 ] &&
		wg show full peers | grep -q . && wg-quick status full >/dev/null
}
check "the data path is killed beside the watch" sh -c "[ '$pid' -gt 0 ] && kill -KILL '$pid'"
is_back()
{
	wait_for 30 carried_anew || { systemctl status --no-pager wg-quick@full; wg-quick status full; return 1; }
}
check "it is back, and the unit has it" is_back
journalctl --sync
check "the watch says what it did" sh -c 'journalctl -u wg-quick-watch -o cat | grep "full"'
check "no key is in the journal" sh -c '! journalctl -o cat | grep -F "$(sed -n "s/^PrivateKey = //p" /etc/wireguard/full.conf)"'
check "the tunnels stop" systemctl stop wg-quick@full wg-quick@wg0
check "the kill switch stays" sh -c 'nft list tables | grep wg-quick'
check "until it is lifted" wg-quick killswitch --lift full
check "then nothing is left" sh -c '! nft list tables | grep wg-quick && ! pgrep -a wg-tun'
ok "the end after the reboot"
finish
