// SPDX-License-Identifier: GPL-2.0
#include "ssh.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../lib/base/cleanup.h"

#define VARIABLE      "SSH_CONNECTION="
#define ANCESTORS_MAX 64 /* more than any session has; ends a walk through processes that come and go */

/* The parent of a process, 0 if it cannot be told. */
static int parent_of(int pid)
{
	cleanup(close_file) FILE *f = NULL;
	char path[64], line[512];
	const char *name_end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f))
		return 0;
	/* "PID (NAME) STATE PARENT ...": the name may hold anything. */
	name_end = strrchr(line, ')');
	return name_end && strlen(name_end) > 4 ? (int)strtol(name_end + 4, NULL, 10) : 0;
}

static bool is_in_our_netns(int pid)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	return !stat("/proc/self/ns/net", &ours) && !stat(path, &theirs) && ours.st_ino == theirs.st_ino &&
	       ours.st_dev == theirs.st_dev;
}

/* "ADDRESS PORT ADDRESS PORT", the client's first; it may have a zone. */
static bool parse_client(struct wg_prefix *client, const char *value)
{
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(value, " %");

	*client = (struct wg_prefix){0};
	if (len >= sizeof(address))
		return false;
	memcpy(address, value, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, client->addr) == 1) {
		client->family = AF_INET;
		client->cidr = 32;
	} else if (inet_pton(AF_INET6, address, client->addr) == 1) {
		client->family = AF_INET6;
		client->cidr = 128;
	}
	return client->family;
}

static bool find_variable(int pid, struct wg_prefix *client)
{
	cleanup(close_file) FILE *f = NULL;
	cleanup(free_ptr) char *entry = NULL;
	char path[64];
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	f = fopen(path, "re");
	while (f && getdelim(&entry, &size, '\0', f) > 0)
		if (!strncmp(entry, VARIABLE, strlen(VARIABLE)))
			return parse_client(client, entry + strlen(VARIABLE));
	return false;
}

bool ssh_find_client(struct wg_prefix *client)
{
	int pid = getpid();

	for (int i = 0; pid > 1 && i < ANCESTORS_MAX; i++, pid = parent_of(pid))
		if (find_variable(pid, client))
			return is_in_our_netns(pid);
	return false;
}
