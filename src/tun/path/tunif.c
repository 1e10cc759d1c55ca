// SPDX-License-Identifier: GPL-2.0
#include "tunif.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "link-config.h"
#include "offload.h"
#include "vnet.h"

/* Without the device file, or the right to it, there is no TUN device, whatever one may do. */
static int explain_open(int code, struct wg_error *err)
{
	switch (code) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return wg_error_set(err, "cannot open /dev/net/tun: %s: load the module with "
				    "`modprobe tun', or give the container that device",
				    strerror(code));
	case EPERM:
	case EACCES:
		return wg_error_set(err, "cannot open /dev/net/tun: %s: run as root, or allow that "
				    "device for the container", strerror(code));
	default: /* numbers of the system's */
		return wg_error_errno(err, code, "cannot open /dev/net/tun");
	}
}

static int explain_create(int code, const char *name, struct wg_error *err)
{
	switch (code) {
	case EPERM:
	case EACCES:
		return wg_error_set(err, "cannot create the interface %s: %s: run as root, or in a "
				    "container with the capability NET_ADMIN", name, strerror(code));
	case EBUSY:
	case EEXIST:
		return wg_error_set(err, "the name %s is taken by another network interface: "
				    "choose another one", name);
	default: /* numbers of the system's */
		return wg_error_errno(err, code, "cannot create the interface %s", name);
	}
}

/* A device is attached to with one queue after the other. */
static int open_queue(char name[static IFNAMSIZ], short flags, struct wg_error *err)
{
	int header = sizeof(struct virtio_net_hdr);
	int little_endian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	struct ifreq r = {.ifr_flags = flags};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return explain_open(errno, err);
	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &r) < 0) {
		explain_create(errno, name, err);
		close(fd);
		return -1;
	}
	memcpy(name, r.ifr_name, IFNAMSIZ);
	/* Both are the default, and an old kernel has no way to say so. The headers' numbers are
	 * written and read in the order of this machine, whichever that is. */
	(void)ioctl(fd, TUNSETVNETHDRSZ, &header);
	(void)ioctl(fd, TUNSETVNETLE, &little_endian);
	return fd;
}

/* All that the kernel has is asked for first, to find out what that is; then what is wanted of
 * it. */
static void set_offloads(int fd, u32 wanted, struct tunif_offloads *o)
{
	unsigned int tso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, uso = TUN_F_USO4 | TUN_F_USO6;
	unsigned int use = TUN_F_CSUM;

	o->uso = ioctl(fd, TUNSETOFFLOAD, tso | uso) == 0;
	o->tso = o->uso || ioctl(fd, TUNSETOFFLOAD, tso) == 0;
	if (o->tso && wanted & OFFLOAD_TUN_TSO)
		use |= tso;
	if (o->uso && wanted & OFFLOAD_TUN_USO)
		use |= uso;
	(void)ioctl(fd, TUNSETOFFLOAD, use);
}

/* A TUN device that is up does not take another type: this is the only difference that tells. The
 * type that is set is the one that it has. */
enum tunif_state tunif_state(int fd)
{
	if (ioctl(fd, TUNSETLINK, ARPHRD_NONE) == 0)
		return TUNIF_DOWN;
	switch (errno) {
	case EBADFD:
		return TUNIF_GONE;
	case EBUSY:
		return TUNIF_UP;
	default: /* numbers of the system's: others do not want the type to change */
		return TUNIF_DOWN;
	}
}

bool tunif_netns(int fd, struct tunif_netns *id)
{
	struct stat st;
	int ns = ioctl(fd, TUNGETDEVNETNS), ret;

	if (ns < 0)
		return false;
	ret = fstatat(ns, "", &st, AT_EMPTY_PATH);
	close(ns);
	*id = (struct tunif_netns){ret < 0 ? 0 : st.st_dev, ret < 0 ? 0 : st.st_ino};
	return ret == 0;
}

unsigned int tunif_index(int fd)
{
	struct ifreq r = {{{0}}, {{0}}};

	return ioctl(fd, TUNGETIFF, &r) < 0 ? 0 : if_nametoindex(r.ifr_name);
}

int tunif_open(char name[static IFNAMSIZ], int *fds, unsigned int n, u32 wanted,
	       struct tunif_offloads *offloads, struct wg_error *err)
{
	short flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;

	if (if_nametoindex(name))
		return explain_create(EEXIST, name, err);
	if (n > 1)
		flags |= IFF_MULTI_QUEUE;
	for (unsigned int i = 0; i < n; i++) {
		fds[i] = open_queue(name, flags, err);
		if (fds[i] < 0) {
			while (i > 0)
				close(fds[--i]);
			return -1;
		}
	}
	set_offloads(fds[0], wanted, offloads);
	link_config_new(if_nametoindex(name));
	return 0;
}
