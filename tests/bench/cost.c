// SPDX-License-Identifier: GPL-2.0
/* What a command costs: `cost FILE TIMES COMMAND...` runs it TIMES times and appends one line to FILE:
 * microseconds of wall time, microseconds of CPU (user and system, of the command and of all its
 * descendants that were waited for), and the peak resident size of the largest process in KiB; the
 * first two per run. What the command prints is dropped. Ends with the command's status. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void run(char **argv)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDOUT_FILENO);
	if (!getenv("COST_VERBOSE"))
		dup2(null, STDERR_FILENO);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	long long wall = 0, cpu = 0;
	long rss = 0, times = argc > 3 ? atol(argv[2]) : 0;
	int status = 0;
	FILE *f;

	if (times < 1)
		return fprintf(stderr, "usage: cost FILE TIMES COMMAND...\n"), 1;
	for (long i = 0; i < times && !status; i++) {
		long long start = now();
		struct rusage usage;
		pid_t pid = fork();

		if (!pid)
			run(argv + 3);
		if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
			return fprintf(stderr, "cost: %s\n", strerror(errno)), 1;
		wall += now() - start;
		cpu += (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL +
		       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
		if (usage.ru_maxrss > rss)
			rss = usage.ru_maxrss;
	}
	f = fopen(argv[1], "a");
	if (!f || fprintf(f, "%lld %lld %ld\n", wall / times, cpu / times, rss) < 0 || fclose(f))
		return fprintf(stderr, "cost: %s: %s\n", argv[1], strerror(errno)), 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
