// SPDX-License-Identifier: GPL-2.0
/* wg-quick's own rows are in wg-quick/config/config-keys.c, which lib/ cannot see; tests/unit/wg-quick/config.c
 * checks that its names are these. */
#include "conf-names.h"

#define QUICK(name)    {name, WG_OWNER_QUICK, NULL}
#define AMNEZIA(name)  {name, WG_OWNER_AMNEZIA, NULL}
#define NETWORKD(name, instead) {name, WG_OWNER_NETWORKD, instead}

const struct wg_conf_name wg_conf_names[] = {
	QUICK("Address"), QUICK("DNS"), QUICK("MTU"), QUICK("Table"), QUICK("SaveConfig"),
	QUICK("PreUp"), QUICK("PostUp"), QUICK("PreDown"), QUICK("PostDown"),
	AMNEZIA("Jc"), AMNEZIA("Jmin"), AMNEZIA("Jmax"), AMNEZIA("Itime"),
	AMNEZIA("S1"), AMNEZIA("S2"), AMNEZIA("S3"), AMNEZIA("S4"),
	AMNEZIA("H1"), AMNEZIA("H2"), AMNEZIA("H3"), AMNEZIA("H4"),
	AMNEZIA("I1"), AMNEZIA("I2"), AMNEZIA("I3"), AMNEZIA("I4"), AMNEZIA("I5"),
	AMNEZIA("J1"), AMNEZIA("J2"), AMNEZIA("J3"), AMNEZIA("AdvancedSecurity"),
	NETWORKD("PrivateKeyFile", "PrivateKey"), NETWORKD("PresharedKeyFile", "PresharedKey"),
	NETWORKD("PublicKeyFile", "PublicKey"), NETWORKD("FirewallMark", "FwMark"),
	NETWORKD("RouteTable", "Table"), NETWORKD("MTUBytes", "MTU"), NETWORKD("Domains", "DNS"),
	{NULL, WG_OWNER_QUICK, NULL},
};
