# SPDX-License-Identifier: LGPL-2.1-or-later
if PLUGIN_NET_USER
plugin_LTLIBRARIES += plugins/net_user.la
plugins_net_user_la_SOURCES = \
	plugins/net-user/net-user.c \
	plugins/net-user/net-user.h \
	plugins/net-user/passt.c \
	$(NULL)
plugins_net_user_la_CFLAGS = $(PLUGIN_CFLAGS) 
plugins_net_user_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_net_user_la_LIBADD = libplugin.la 
man_pods += plugins/net-user/hvctl-net-user.pod
endif
EXTRA_DIST += plugins/net-user/hvctl-net-user.pod
