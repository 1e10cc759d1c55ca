# SPDX-License-Identifier: GPL-2.0
# Sourced. module_tree FROM RELEASE TO [MODULE]: a tree of modules for one machine: TO/lib/modules/RELEASE
# has what FROM has there, as links, but for the kernel's own wireguard.ko; MODULE is in its place, or
# nothing. `modprobe wireguard` finds the one that is meant, and no other. $VM_UPDATES: further modules
# in place of what the kernel has of that name.
module_tree()
{
	from=$1/lib/modules/$2 to=$3/lib/modules/$2
	mkdir -p "$to"
	# Links do for files that are read; the indexes are written anew.
	cp -as "$(cd "$from" && pwd)"/. "$to"
	find "$to" -maxdepth 1 -type l \( -name build -o -name source -o -name 'modules.*' \) -delete
	for f in order builtin builtin.modinfo; do
		[ ! -e "$from/modules.$f" ] || cp "$from/modules.$f" "$to/modules.$f"
	done
	find "$to" -name 'wireguard.ko*' -delete
	mkdir -p "$to/updates"
	[ -z "${4-}" ] || cp "$4" "$to/updates/wireguard.ko"
	for f in ${VM_UPDATES-}; do
		cp "$f" "$to/updates"
	done
	depmod -b "$3" "$2" 2>"$3/depmod.log" || {
		cat "$3/depmod.log" >&2
		return 1
	}
	found=$(modinfo -b "$3" -k "$2" -F filename wireguard 2>/dev/null)
	[ "$found" = "${4:+$to/updates/wireguard.ko}" ] || {
		echo "modprobe would find '$found' as wireguard" >&2
		return 1
	}
	[ -z "${4-}" ] || case $(modinfo -F vermagic "$4") in
	"$2 "*) ;;
	*)
		echo "$4 is not for the kernel $2 but for $(modinfo -F vermagic "$4")" >&2
		return 1
		;;
	esac
}

plain_module() # FILE OUT
{
	case $1 in
	*.xz) xz -dc "$1" >"$2" ;;
	*.zst) zstd -dcq "$1" >"$2" ;;
	*) cp "$1" "$2" ;;
	esac
}

# copy_modules ROOT RELEASE TO MODULE...: what modprobe would load for them from ROOT/lib/modules, unpacked,
# as TO/NUMBER-NAME.ko in that order.
copy_modules()
{
	copy_root=$1 copy_release=$2 copy_to=$3
	shift 3
	n=100
	for m; do
		modprobe -d "$copy_root" -S "$copy_release" --show-depends "$m" >"$copy_to.depends" || return 1
		while read -r verb file rest; do
			[ "$verb" = insmod ] || continue
			name=${file##*/}
			name=${name%%.*}
			[ -z "$(find "$copy_to" -name "*-$name.ko")" ] || continue
			n=$((n + 1))
			plain_module "$file" "$copy_to/$n-$name.ko"
		done <"$copy_to.depends"
	done
	rm -f "$copy_to.depends"
}
