# SPDX-License-Identifier: GPL-2.0
# Sourced after tool.sh, in `alone`: `conf NAME LINE...` writes a tunnel's file with one peer; the keys are
# examples.
conf()
{
	conf_name=$1
	shift
	{
		printf '%s\n' "[Interface]" "PrivateKey = wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=" "$@"
		printf '%s\n' "[Peer]" "PublicKey = FAybEllso8BTkTPWbKepT/A1N2HbFIGS9mf4MhgzJS0=" "AllowedIPs = 10.8.0.2/32"
	} >"/etc/wireguard/$conf_name.conf"
}

export WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 LOG_LEVEL=silent WG WG_QUICK WG_TUN
PATH=$(dirname "$WG_TUN"):$PATH

# What these cases are about is wg-tun. A machine whose kernel has WireGuard would not use it.
if kernel_has_wireguard; then
	skip "${0##*/}" "the kernel has WireGuard"
	exit 0
fi
