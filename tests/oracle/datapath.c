// SPDX-License-Identifier: GPL-2.0
/* Plays a userspace data path: listens at SOCKET, answers "get" with the content of REPLY as it is
 * at that moment, and "set" with "errno=ERRNO" of the file REPLY.errno (0 where there is none),
 * adding the request to REPLY.log. Goes to the background when it can be connected to. Ends with
 * status 1 and one line when it cannot listen; later failures drop the connection only. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void copy_file(int to, const char *path)
{
	char buf[8192];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		if (send(to, buf, n, MSG_NOSIGNAL) != (ssize_t)n)
			break;
	fclose(f);
}

static void answer_set(int fd, FILE *in, const char *reply)
{
	char line[4096], path[4096];
	int code = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s.log", reply);
	f = fopen(path, "a");
	if (!f)
		return;
	while (fgets(line, sizeof(line), in) && strcmp(line, "\n"))
		fputs(line, f);
	fputs("\n", f);
	fclose(f);
	snprintf(path, sizeof(path), "%s.errno", reply);
	f = fopen(path, "r");
	if (f) {
		if (fscanf(f, "%d", &code) != 1)
			code = 0;
		fclose(f);
	}
	dprintf(fd, "errno=%d\n\n", code);
}

static void serve(int fd, const char *reply)
{
	FILE *in = fdopen(fd, "r");
	char line[64];

	if (!in)
		return;
	if (fgets(line, sizeof(line), in)) {
		if (!strcmp(line, "get=1\n"))
			copy_file(fd, reply);
		else if (!strcmp(line, "set=1\n"))
			answer_set(fd, in, reply);
	}
	fclose(in);
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	if (argc != 3 || strlen(argv[1]) >= sizeof(addr.sun_path))
		return fprintf(stderr, "usage: datapath SOCKET REPLY\n"), 1;
	strcpy(addr.sun_path, argv[1]);
	if (listener < 0 || bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(listener, 8) < 0)
		return fprintf(stderr, "datapath: %s: %s\n", argv[1], strerror(errno)), 1;
	if (daemon(1, 0) < 0)
		return fprintf(stderr, "datapath: %s\n", strerror(errno)), 1;
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			serve(fd, argv[2]);
	}
}
