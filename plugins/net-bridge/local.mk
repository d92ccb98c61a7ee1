# SPDX-License-Identifier: LGPL-2.1-or-later
if PLUGIN_NET_BRIDGE
plugin_LTLIBRARIES += plugins/net_bridge.la
plugins_net_bridge_la_SOURCES = \
	plugins/common/port.c \
	plugins/common/port.h \
	plugins/common/tap.c \
	plugins/common/tap.h \
	plugins/net-bridge/net-bridge.c \
	$(NULL)
plugins_net_bridge_la_CFLAGS = $(PLUGIN_CFLAGS) $(NL_CFLAGS)
plugins_net_bridge_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_net_bridge_la_LIBADD = libnetlink.la libplugin.la $(NL_LIBS)
man_pods += plugins/net-bridge/hvctl-net-bridge.pod
endif
EXTRA_DIST += plugins/net-bridge/hvctl-net-bridge.pod
