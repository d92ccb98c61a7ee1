# SPDX-License-Identifier: LGPL-2.1-or-later
net_ovs_sources = \
	plugins/common/port.c \
	plugins/common/port.h \
	plugins/common/tap.c \
	plugins/common/tap.h \
	plugins/net-ovs/monitor.c \
	plugins/net-ovs/monitor.h \
	plugins/net-ovs/net-ovs.c \
	plugins/net-ovs/ovsdb.c \
	plugins/net-ovs/ovsdb.h \
	plugins/net-ovs/ports.c \
	plugins/net-ovs/ports.h \
	plugins/net-ovs/removal.c \
	plugins/net-ovs/results.c \
	plugins/net-ovs/section.c \
	plugins/net-ovs/section.h \
	plugins/net-ovs/sweep.c \
	plugins/net-ovs/sweep.h \
	plugins/net-ovs/transaction.c \
	plugins/net-ovs/transaction.h \
	plugins/net-ovs/value.c \
	plugins/net-ovs/value.h \
	plugins/net-ovs/vhost.c \
	plugins/net-ovs/vhost.h \
	$(NULL)

if PLUGIN_NET_OVS
plugin_LTLIBRARIES += plugins/net_ovs.la
plugins_net_ovs_la_SOURCES = $(net_ovs_sources)
plugins_net_ovs_la_CFLAGS = $(PLUGIN_CFLAGS) $(NL_CFLAGS) $(JSONC_CFLAGS)
plugins_net_ovs_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_net_ovs_la_LIBADD = libnetlink.la libplugin.la $(NL_LIBS) $(JSONC_LIBS)
man_pods += plugins/net-ovs/hvctl-net-ovs.pod
endif
EXTRA_DIST += plugins/net-ovs/hvctl-net-ovs.pod
