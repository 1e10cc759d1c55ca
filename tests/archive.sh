# SPDX-License-Identifier: GPL-2.0
# Debian's archive beside the system's own apt: another suite, with its own lists and cache, from
# the mirror that the system's apt is set to. Nothing is installed and no setting of the system
# changes. Sourced; a function that fails says why on standard error.

# The mirror of the system's main archive, whichever way its sources are written. Who
# a list is from is known only after the first `apt-get update`.
archive_uri()
{
	apt-get indextargets --format '$(ORIGIN)|$(RELEASE)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk -F '|' '$2 ~ /[-\/]/ { next } $1 == "Debian" { debian = $3; exit } !any { any = $3 }
			END { print debian ? debian : any }'
}

# archive_open SUITE FOLDER: writes the private configuration into FOLDER and reads the suite's list.
archive_open()
{
	uri=$(archive_uri)
	[ -n "$uri" ] || { echo "no Debian mirror in this system's apt sources" >&2; return 1; }
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -r "$keyring" ] || { echo "$keyring is missing: install debian-archive-keyring" >&2; return 1; }
	mkdir -p "$2/apt/lists/partial" "$2/apt/cache/archives/partial" || return 1
	echo "deb [signed-by=$keyring] $uri $1 main" >"$2/apt/sources.list"
	cat >"$2/apt/apt.conf" <<-END
		Dir::Etc::SourceList "$2/apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$2/apt/lists";
		Dir::Cache "$2/apt/cache";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
	END
	APT_CONFIG="$2/apt/apt.conf" apt-get update -qq
}

# archive_fetch FOLDER PACKAGE: downloads PACKAGE.deb into FOLDER.
archive_fetch()
{
	rm -f "$1"/"$2"_*.deb
	(cd "$1" && APT_CONFIG="$1/apt/apt.conf" apt-get download -qq "$2" >/dev/null) || return 1
	mv "$1"/"$2"_*.deb "$1/$2.deb"
}

# archive_depends FOLDER PACKAGE PATTERN: the package that PACKAGE depends on and PATTERN matches.
archive_depends()
{
	APT_CONFIG="$1/apt/apt.conf" apt-cache depends --no-recommends --no-suggests "$2" |
		sed -n "s/^ *Depends: \($3\)\$/\1/p" | head -n 1
}
