#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What `make install` and `make uninstall` do on this system itself, that is, without DESTDIR.
#
#	sh contrib/install.sh install STAGE MANIFEST     copies the tree STAGE to /
#	sh contrib/install.sh uninstall MANIFEST STATEDIR CONFDIR WG PATH...
#	sh contrib/install.sh free WAY PATH...           fails if a package owns one of the paths
#
# The file MANIFEST lists what was installed, a line each: "dir PATH" for a folder that was created, or the
# SHA-256 of a file, two spaces and its path. `install` replaces each file whole, and removes those that the
# install before it had and this one has not. `uninstall` removes what has not changed since, and with no
# MANIFEST, as older versions left it, each PATH, and CONFDIR if it is empty; WG tells by its content whether it is ours. A file that a
# package owns is never written or removed. Ends with 1 and a reason on standard error where it refuses.
set -e
umask 022

die()
{
	echo "make ${verb}: $*" >&2
	exit 1
}

# The paths under which dpkg may know a file: as given, with the links of its folder resolved, and without
# the /usr that /lib, /bin and /sbin are links into, for dpkg compares names.
names_of() # PATH
{
	folder=$(realpath -m "${1%/*}/") || folder=${1%/*}
	real=${folder%/}/${1##*/}
	{
		printf '%s\n' "$1" "$real"
		case $real in
		/usr/lib/* | /usr/bin/* | /usr/sbin/*) echo "${real#/usr}" ;;
		esac
	} | sort -u
}

# Prints the packages that own PATH. Where a diversion sends the package's file elsewhere, PATH is free.
owners_of() # PATH
{
	names_of "$1" | while IFS= read -r name; do
		owners=$(dpkg-query -S "$name" 2>/dev/null | sed -n '/^diversion by /d; /^local diversion /d; s|: /.*||p' |
			sed 's/:[a-z0-9-]*//g; s/, /\n/g')
		[ -n "$owners" ] || continue
		diverter=$(dpkg-divert --listpackage "$name")
		case $diverter in
		'') printf '%s\n' "$owners" ;;
		*) printf '%s\n' "$owners" | grep -Fx -e "$diverter" || : ;;
		esac
	done | sort -u
}

# Reads paths; prints "PACKAGE PATH" for each that a package owns. One question for all of them is usually
# all that is asked, for it takes dpkg as long as one.
owned()
{
	command -v dpkg-query >/dev/null || return 0
	paths=$(cat)
	set --
	while IFS= read -r path; do
		while IFS= read -r name; do
			set -- "$@" "$name"
		done <<-NAMES
			$(names_of "$path")
		NAMES
	done <<-PATHS
		$paths
	PATHS
	dpkg-query -S "$@" 2>/dev/null | grep -q . || return 0
	printf '%s\n' "$paths" | while IFS= read -r path; do
		for package in $(owners_of "$path"); do
			echo "$package $path"
		done
	done
}

refuse_owned() # WAY, with the paths on standard input; WAY: the last way out
{
	taken=$(owned)
	[ -n "$taken" ] || return 0
	packages=$(printf '%s\n' "$taken" | cut -d ' ' -f 1 | sort -u | tr '\n' ' ')
	{
		echo "make ${verb}: nothing was installed, for these files belong to packages:"
		printf '%s\n' "$taken" | sed 's/^\([^ ]*\) \(.*\)/    \2 (\1)/'
		echo "Install wirekit as a package, which takes their place (make deb), or remove them first, which takes"
		echo "the tunnels of units down (apt-get remove ${packages% }). Or ${1}."
	} >&2
	exit 1
}

sum_of() # FILE
{
	sha256sum <"$1" | cut -d ' ' -f 1
}

# The lines of files in a manifest, if there is one: SUM and PATH.
listed() # MANIFEST
{
	[ ! -e "$1" ] || grep -E '^[0-9a-f]{64}  /' "$1" || :
}

# Removes a file of the manifest, unless it is not what was installed any more.
remove_listed() # SUM PATH
{
	[ -e "$2" ] || [ -L "$2" ] || return 0
	if [ -L "$2" ] || [ ! -f "$2" ] || [ "$(sum_of "$2")" != "$1" ]; then
		echo "make ${verb}: $2 has changed since it was installed, and was left" >&2
	elif printf '%s\n' "$2" | owned | grep -q .; then
		echo "make ${verb}: $2 belongs to a package now, and was left" >&2
	else
		rm -f "$2"
	fi
}

# Creates PATH and what is missing above it, and prints what it created.
make_folder() # PATH MODE
{
	[ ! -d "$1" ] || return 0
	make_folder "$(dirname "$1")" 755
	mkdir -m "$2" "$1"
	echo "dir $1"
}

install_tree() # STAGE MANIFEST
{
	stage=$1 manifest=$2
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$stage" && find . -type f | sed 's/^\.//' | sort) >"$work/files"
	[ -s "$work/files" ] || die "cannot find a file in $stage"
	{ cat "$work/files"; echo "$manifest"; } | refuse_owned "give another prefix (make install PREFIX=/usr/local)"

	[ ! -e "$manifest" ] || grep '^dir /' "$manifest" >"$work/dirs" || :
	(cd "$stage" && find . -type d -printf '%m %P\n') | while read -r mode folder; do
		make_folder "/$folder" "$mode"
	done >>"$work/dirs"
	make_folder "$(dirname "$manifest")" 755 >>"$work/dirs"
	while IFS= read -r file; do
		cp -p "$stage$file" "$file.new"
		chown 0:0 "$file.new" 2>/dev/null || :
		mv -f "$file.new" "$file"
		printf '%s  %s\n' "$(sum_of "$file")" "$file" >>"$work/sums"
	done <"$work/files"
	listed "$manifest" | while read -r sum file; do
		grep -qFx -e "$file" "$work/files" || remove_listed "$sum" "$file"
	done
	cat "$work/dirs" "$work/sums" >"$manifest.new"
	mv -f "$manifest.new" "$manifest"
}

# Prints what takes down each tunnel that has a journal of this boot, and the kill switch.
ways_down() # STATEDIR
{
	boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) || boot=-
	for journal in "$1"/*.state; do
		grep -q "^world $boot " "$journal" 2>/dev/null || continue
		name=${journal##*/}
		name=${name%.state}
		case $name in
		*@*)
			# The journal of a namespace carries its number; that of one that is gone holds nothing up.
			! stat -L -c %i /proc/[0-9]*/ns/net /run/netns/* 2>/dev/null | grep -qx "${name#*@}" ||
				echo "wg-quick down ${name%@*}, in the network namespace ${name#*@}"
			;;
		*) echo "wg-quick down $name" ;;
		esac
	done
	! command -v nft >/dev/null || ! nft list table inet wg-quick-kill >/dev/null 2>&1 ||
		echo "wg-quick killswitch --lift NAME"
}

uninstall() # MANIFEST STATEDIR CONFDIR WG PATH...
{
	manifest=$1 confdir=$3 wg=$4
	ways=$(ways_down "$2")
	if [ -n "$ways" ]; then
		{
			echo "make uninstall: nothing was removed, for nothing else can take down what is up. Run first:"
			printf '%s\n' "$ways" | sed 's/^/    /'
		} >&2
		exit 1
	fi
	shift 4
	if [ -e "$manifest" ]; then
		listed "$manifest" | while read -r sum file; do
			remove_listed "$sum" "$file"
		done
		folders=$(sed -n 's|^dir /|/|p' "$manifest" | sort -r)
		rm -f "$manifest"
		printf '%s\n' "$folders" | while IFS= read -r folder; do
			rmdir "$folder" 2>/dev/null || :
		done
		return
	fi
	grep -q wirekit "$wg" 2>/dev/null ||
		die "cannot find $manifest, and $wg is not ours: give the PREFIX that was installed to"
	for file; do
		if printf '%s\n' "$file" | owned | grep -q .; then
			echo "make uninstall: $file belongs to a package, and was left" >&2
		else
			rm -f "$file"
		fi
	done
	rmdir "$confdir" 2>/dev/null || :
}

verb=${1-}
[ $# = 0 ] || shift
case $verb in
install) install_tree "$@" ;;
uninstall) uninstall "$@" ;;
free)
	verb=dkms-install way=$1
	shift
	printf '%s\n' "$@" | refuse_owned "$way"
	;;
*) die "usage: sh contrib/install.sh install|uninstall|free ARGUMENT..." ;;
esac
