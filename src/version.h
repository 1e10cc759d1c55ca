/* SPDX-License-Identifier: GPL-2.0 */
/* The one place that names the version; the Makefile, the man pages, dkms.conf and the packages read it. */
#ifndef WG_VERSION_H
#define WG_VERSION_H

#define WIREKIT_VERSION "1.0"
/* The release of wireguard-tools whose command line, files and output we match. */
#define WIREKIT_COMPATIBLE_WITH "1.0.20260223"

#endif
