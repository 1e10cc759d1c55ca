// SPDX-License-Identifier: GPL-2.0
/* The mark is given by a program in the kernel's own instructions (BPF), attached to the group, as `ip vrf exec'
 * binds sockets to a link. So a socket has it before it is connected, and with it the source address of the way
 * that its packets take; a mark that a firewall gives the packets comes too late for that. */
#include "cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"

/* Another file system may have been mounted over the folder since. */
static bool is_hierarchy(const struct mntent *entry)
{
	struct statfs fs;

	return !strcmp(entry->mnt_type, "cgroup2") && !statfs(entry->mnt_dir, &fs) &&
	       fs.f_type == CGROUP2_SUPER_MAGIC;
}

char *cgroup_path(const char *name, struct wg_error *err)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	char *path = NULL, buf[PATH_MAX];
	struct mntent entry;

	while (f && !path && getmntent_r(f, &entry, buf, sizeof(buf)))
		if (is_hierarchy(&entry))
			path = wg_format("%s/%s", entry.mnt_dir, name);
	if (f)
		endmntent(f);
	if (!path)
		wg_error_set(err, "no control groups of version 2 are mounted: mount them, as with "
			     "`mount -t cgroup2 cgroup2 /sys/fs/cgroup', or let systemd do it "
			     "(systemd.unified_cgroup_hierarchy=1)");
	return path;
}

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Returns a descriptor of the program, or -1 with errno. */
static int load_program(u32 mark)
{
	/* The mark may have the highest bit: an immediate value would be extended by it, and only its lower
	 * half is stored. */
	const struct bpf_insn program[] = {
		{.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = (s32)mark},
		{.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_2,
		 .off = offsetof(struct bpf_sock, mark)},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1}, /* the socket may be opened */
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SOCK;
	attr.expected_attach_type = BPF_CGROUP_INET_SOCK_CREATE;
	attr.insn_cnt = sizeof(program) / sizeof(*program);
	attr.insns = (u64)(uintptr_t)program;
	attr.license = (u64)(uintptr_t)"GPL";
	return bpf(BPF_PROG_LOAD, &attr);
}

static int open_group(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static int attach(const char *path, u32 mark, struct wg_error *err)
{
	cleanup(close_fd) int group = open_group(path), program = load_program(mark);
	union bpf_attr attr;

	if (group < 0)
		return wg_error_errno(err, errno, "cannot open %s", path);
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (u32)group;
	attr.attach_bpf_fd = (u32)program;
	attr.attach_type = BPF_CGROUP_INET_SOCK_CREATE;
	if (program >= 0 && !bpf(BPF_PROG_ATTACH, &attr))
		return 0;
	return wg_error_errno(err, errno, "the kernel does not let sockets be marked by their control group "
			      "(CONFIG_CGROUP_BPF, CAP_BPF)");
}

static void detach(const char *path)
{
	cleanup(close_fd) int group = open_group(path);
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (u32)group;
	attr.attach_type = BPF_CGROUP_INET_SOCK_CREATE;
	if (group >= 0)
		(void)bpf(BPF_PROG_DETACH, &attr);
}

int cgroup_make(const char *path, u32 mark, struct wg_error *err)
{
	bool made = !mkdir(path, 0755);

	if (!made && errno != EEXIST)
		return wg_error_errno(err, errno, "cannot create the control group %s", path);
	if (!attach(path, mark, err))
		return 0;
	if (made)
		rmdir(path);
	return -1;
}

bool cgroup_exists(const char *path)
{
	return !access(path, F_OK);
}

int cgroup_join(const char *path, struct wg_error *err)
{
	cleanup(free_ptr) char *file = wg_format("%s/cgroup.procs", path);
	cleanup(close_fd) int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) != 1)
		return wg_error_errno(err, errno, "cannot join the control group %s", path);
	return 0;
}

int cgroup_remove(const char *path, struct wg_error *err)
{
	if (!rmdir(path) || errno == ENOENT || errno == ENOTDIR)
		return 0;
	if (errno != EBUSY)
		return wg_error_errno(err, errno, "cannot remove the control group %s", path);
	detach(path);
	return 1;
}
