// SPDX-License-Identifier: GPL-2.0
/* One sysctl. In containers /proc/sys is often read-only, with the right value put there by
 * whoever started them; so nothing is written where nothing has to change. */
#include "sysctl.h"
#include <fcntl.h>
#include "../lib/cleanup.h"

#define SRC_VALID_MARK "/proc/sys/net/ipv4/conf/all/src_valid_mark"

bool sysctl_src_valid_mark(void)
{
	cleanup(close_fd) int fd = open(SRC_VALID_MARK, O_RDONLY | O_CLOEXEC);
	char value;

	return fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
}

int sysctl_set_src_valid_mark(bool on, struct wg_error *err)
{
	cleanup(close_fd) int fd = -1;

	if (sysctl_src_valid_mark() == on)
		return 0;
	fd = open(SRC_VALID_MARK, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, on ? "1\n" : "0\n", 2) != 2)
		return wg_error_errno(err, errno, "cannot write %s", SRC_VALID_MARK);
	return 0;
}
