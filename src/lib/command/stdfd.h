/* SPDX-License-Identifier: GPL-2.0 */
/* Standard descriptors that the caller closed. */
#ifndef WG_LIB_STDFD_H
#define WG_LIB_STDFD_H

/* Opens `path` with these flags of open() for each of standard input, output and error that is
 * closed. Otherwise the next file or socket would get that number, and what is meant for standard
 * output or error would end up there. Call it first in main(). A descriptor stays closed if `path`
 * cannot be opened. */
void wg_sanitise_stdfd(const char *path, int flags);

#endif
