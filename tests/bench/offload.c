// SPDX-License-Identifier: GPL-2.0
/* Stands for a userspace data path whose cost must not be counted: `offload NAME` writes the name to
 * the pipe $OFFLOAD.ask, where the benchmark starts the real one outside of what it measures, and
 * waits for a line in $OFFLOAD.done. Ends with status 1 when a pipe is not there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_pipe(const char *end, int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s.%s", getenv("OFFLOAD"), end);
	return open(path, flags | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	int ask, done;
	char answer;

	if (argc != 2 || !getenv("OFFLOAD"))
		return 1;
	ask = open_pipe("ask", O_WRONLY);
	if (ask < 0 || dprintf(ask, "%s\n", argv[1]) < 0)
		return 1;
	close(ask);
	done = open_pipe("done", O_RDONLY);
	return done < 0 || read(done, &answer, 1) != 1;
}
