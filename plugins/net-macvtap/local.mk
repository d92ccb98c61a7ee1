# SPDX-License-Identifier: LGPL-2.1-or-later
if PLUGIN_NET_MACVTAP
plugin_LTLIBRARIES += plugins/net_macvtap.la
plugins_net_macvtap_la_SOURCES = \
	plugins/common/port.c \
	plugins/common/port.h \
	plugins/net-macvtap/chardev.c \
	plugins/net-macvtap/chardev.h \
	plugins/net-macvtap/net-macvtap.c \
	plugins/net-macvtap/parent.c \
	plugins/net-macvtap/parent.h \
	$(NULL)
plugins_net_macvtap_la_CFLAGS = $(PLUGIN_CFLAGS) $(NL_CFLAGS)
plugins_net_macvtap_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_net_macvtap_la_LIBADD = libnetlink.la libplugin.la $(NL_LIBS)
man_pods += plugins/net-macvtap/hvctl-net-macvtap.pod
endif
EXTRA_DIST += plugins/net-macvtap/hvctl-net-macvtap.pod
