# SPDX-License-Identifier: GPL-2.0
# What the comparisons with wireguard-tools, the load tests and the benchmarks share: sourced, not
# run. WG and WG_QUICK are ours, ORACLE_WG and ORACLE_WG_QUICK theirs. Everything happens in
# network, mount and process namespaces of its own, with an empty /run; a device is the kernel's
# where it has WireGuard, else wg-tun.

B=${B:-build}
WG=${WG:-$B/wg/wg} WG_QUICK=${WG_QUICK:-$B/wg-quick/wg-quick} WG_TUN=${WG_TUN:-$B/tun/wg-tun}
ORACLE_WG=${ORACLE_WG:-$B/oracle/usr/bin/wg}
ORACLE_WG_QUICK=${ORACLE_WG_QUICK:-$B/oracle/usr/bin/wg-quick}
T=/run/wirekit-test # files of the running test; in memory, private
KNOWN=''

absolute() {
	case $1 in
	/*) echo "$1" ;;
	*) echo "$PWD/$1" ;;
	esac
}

# Skips the whole test unless a program is there.
need() {
	for need_program; do
		command -v "$need_program" >/dev/null && continue
		echo "skip ${0##*/}: no $need_program"
		exit 0
	done
}

# Runs this script again, as process 1 of namespaces of its own; there it prepares them.
enter() {
	if [ -z "$WIREKIT_INSIDE" ]; then
		if [ "$(id -u)" != 0 ]; then
			echo "skip ${0##*/}: not root"
			exit 0
		fi
		[ -x "$B/tests/oracle/gen" ] || make -s B="$B" helpers >&2 || exit 1
		B=$(absolute "$B") WG=$(absolute "$WG") WG_QUICK=$(absolute "$WG_QUICK") WG_TUN=$(absolute "$WG_TUN")
		ORACLE_WG=$(absolute "$ORACLE_WG") ORACLE_WG_QUICK=$(absolute "$ORACLE_WG_QUICK")
		# Both tools get the same data path.
		export WG_QUICK_USERSPACE_IMPLEMENTATION="$WG_TUN"
		export B WG WG_QUICK WG_TUN ORACLE_WG ORACLE_WG_QUICK WIREKIT_INSIDE=1
		exec unshare -n -m -p -f --kill-child --mount-proc sh "$0" "$@"
	fi
	[ "$WIREKIT_INSIDE" = 1 ] && { mount -t tmpfs -o mode=755 tmpfs /run || exit 1; }
	mkdir -p "$T" /run/wireguard
	[ -e /var/run/wireguard ] || mount --bind /run /var/run || exit 1
	umask 077
	GEN=$B/tests/oracle/gen LC_ALL=C
	export LC_ALL
	ip link set lo up
}

# --- results ---

same_program() {
	cmp -s "$WG" "$ORACLE_WG"
}

# known NAME: this case is in the table of intended differences.
known() {
	printf '%s\n' "$KNOWN" | grep -q "^$1|"
}

# result NAME DETAIL: an empty detail is agreement. Details of several lines are shown in part.
result() {
	echo "$1" >>"$T/cases"
	if ! known "$1" || same_program; then
		if [ -z "$2" ]; then
			echo "ok $1"
			return
		fi
		echo "$1" >>"$T/failed"
		echo "not ok $1"
		printf '%s\n' "$2" | head -n "${DETAIL:-20}" | sed 's/^/# /'
	elif [ -n "$2" ]; then
		echo "ok $1 # differs as intended: $(printf '%s\n' "$KNOWN" | sed -n "s/^$1|//p")"
	else
		echo "$1" >>"$T/failed"
		echo "not ok $1"
		echo "# the table of intended differences has it, but the two agree"
	fi
}

# At the end: each row of the table must have been a case. Cases run in subshells too, so what became
# of them is in files.
finish() {
	touch "$T/cases" "$T/failed"
	for name in $(printf '%s\n' "$KNOWN" | sed -n 's/|.*//p'); do
		[ -z "$CASES_FILTERED" ] || break
		grep -qx -- "$name" "$T/cases" && continue
		echo "$name" >>"$T/failed"
		echo "not ok $name"
		echo "# in the table of intended differences, but no case has this name"
	done
	[ -s "$T/failed" ] || exit 0
	echo "# ${0##*/}: $(grep -c . <"$T/failed") failed"
	exit 1
}

# difference A B: what two files differ in, empty where they do not.
difference() {
	cmp -s "$1" "$2" || diff -u "$1" "$2" | tail -n +3
}

# --- devices ---

# The kind of devices this machine has, in $DEVICE: kernel or userspace.
find_device_kind() {
	DEVICE=kernel
	if ip link add wktest type wireguard 2>/dev/null; then
		ip link del wktest
	elif [ -x "$WG_TUN" ]; then
		DEVICE=userspace
	else
		echo "skip ${0##*/}: neither WireGuard in the kernel nor wg-tun"
		exit 0
	fi
}

new_device() {
	if [ "$DEVICE" = kernel ]; then
		ip link add "$1" type wireguard
	else
		"$WG_TUN" "$1"
	fi
}

# A deleted interface leaves its socket behind for a moment.
del_device() {
	ip link del "$1"
	del_tries=0
	while [ -e "/run/wireguard/$1.sock" ] && [ "$del_tries" -lt 100 ]; do
		sleep 0.05
		del_tries=$((del_tries + 1))
	done
}
