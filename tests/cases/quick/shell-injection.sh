#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# No value of a configuration file but a hook, and no name, is ever run by a shell.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
mark=/run/injected

not_run()
{
	[ ! -e $mark ]
}

# Each is tried as one value of every key and as a part of a list.
for text in ";touch $mark" "\$(touch $mark)" "\`touch $mark\`" "|touch $mark" "&& touch $mark" "'; touch $mark; '" \
	"\"; touch $mark; \""; do
	for line in "Address = 10.8.0.1/24$text" "Address = 10.8.0.1/24, 10.9.0.1/24 $text" "DNS = 192.0.2.53$text" \
		"DNS = example.com$text" "MTU = 1420$text" "Table = 1234$text" "ListenPort = 51820$text" \
		"FwMark = 0x77$text" "SaveConfig = true$text"; do
		conf wg0 "$line"
		"$WG_QUICK" up wg0 >/dev/null 2>&1 && "$WG_QUICK" down wg0 >/dev/null 2>&1
	done
	for line in "AllowedIPs = 10.8.0.2/32$text" "AllowedIPs = 10.8.0.2/32, $text" "Endpoint = 192.0.2.1:51820$text" \
		"Endpoint = $text:51820" "PersistentKeepalive = 25$text"; do
		conf wg0 "Address = 10.8.0.1/24"
		echo "$line" >>/etc/wireguard/wg0.conf
		"$WG_QUICK" up wg0 >/dev/null 2>&1 && "$WG_QUICK" down wg0 >/dev/null 2>&1
	done
	"$WG_QUICK" up "$text" >/dev/null 2>&1
	"$WG_QUICK" up "wg0$text" >/dev/null 2>&1
	cp /etc/wireguard/wg0.conf "/etc/wireguard/a$(echo "$text" | tr -d /).conf"
	"$WG_QUICK" up "/etc/wireguard/a$(echo "$text" | tr -d /).conf" >/dev/null 2>&1
	"$WG" set "wg0$text" listen-port 1 >/dev/null 2>&1
	check "shell-injection: not by ${text%touch*}" not_run
	rm -f $mark
done
conf wg0 "Address = 10.8.0.1/24" "PostUp = touch $mark"
check "shell-injection: a hook is run" sh -c '"$WG_QUICK" up wg0 && test -e "$1"' sh $mark
finish
