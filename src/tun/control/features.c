// SPDX-License-Identifier: GPL-2.0
#include "features.h"
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MOST = 256, /* features; there are about 65 */
	BLOCKS = MOST / 32,
};

static bool ask(int fd, const char *name, void *command)
{
	struct ifreq r = {.ifr_data = command};

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	return fd >= 0 && ioctl(fd, SIOCETHTOOL, &r) == 0;
}

static u32 count_features(int fd)
{
	struct {
		struct ethtool_sset_info info;
		u32 count;
	} r = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};

	return ask(fd, "lo", &r) && r.info.sset_mask ? r.count : 0;
}

/* All devices have the same names, and `lo` is always there. */
void features_open(struct features *f)
{
	struct {
		struct ethtool_gstrings head;
		char names[MOST][ETH_GSTRING_LEN];
	} r = {.head = {.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES}};

	*f = (struct features){.gro = FEATURES_NONE, .udp_forwarding = FEATURES_NONE};
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	r.head.len = count_features(f->fd);
	if (!r.head.len || r.head.len > MOST || !ask(f->fd, "lo", &r))
		return;
	f->n_blocks = (r.head.len + 31) / 32;
	for (u32 i = 0; i < r.head.len; i++) {
		if (!strncmp(r.names[i], "rx-gro", ETH_GSTRING_LEN))
			f->gro = i;
		else if (!strncmp(r.names[i], "rx-udp-gro-forwarding", ETH_GSTRING_LEN))
			f->udp_forwarding = i;
	}
}

void features_close(struct features *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static bool is_active(const struct ethtool_get_features_block *blocks, u32 feature)
{
	return feature != FEATURES_NONE && blocks[feature / 32].active & 1U << feature % 32;
}

void features_read(const struct features *f, const char *name, struct features_set *set)
{
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block blocks[BLOCKS];
	} r = {.head = {.cmd = ETHTOOL_GFEATURES, .size = f->n_blocks}};

	*set = (struct features_set){.gro = true};
	if (!f->n_blocks || !ask(f->fd, name, &r))
		return;
	set->gro = f->gro == FEATURES_NONE || is_active(r.blocks, f->gro);
	set->udp_forwarding = is_active(r.blocks, f->udp_forwarding);
}
