# SPDX-License-Identifier: GPL-2.0
# What the scripts of this folder share. Sourced after tool.sh.

# debian_root LOWER FOLDER: lays memory over LOWER in FOLDER/root; FOLDER/upper then has what changed.
debian_root()
{
	mkdir -p "$2" && mount -t tmpfs -o size=512m memory "$2" &&
		mkdir "$2/upper" "$2/work" "$2/root" &&
		mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" root "$2/root"
}

# later_version FILE NEW: makes the same package of a later version.
later_version()
{
	rm -rf "$2.tree" && dpkg-deb -R "$1" "$2.tree" && sed -i 's/^Version: .*/&+later/' "$2.tree/DEBIAN/control" &&
		dpkg-deb --root-owner-group -Znone -b "$2.tree" "$2" >/dev/null && rm -rf "$2.tree"
}
