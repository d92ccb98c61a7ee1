# SPDX-License-Identifier: LGPL-2.1-or-later
# What several plugins need, and the core does not.  Each of them is linked with
# this, and with common/, which comes with it; port.c, tap.c and volume.c, which
# few need, are among the sources of those.
noinst_LTLIBRARIES += libplugin.la
libplugin_la_SOURCES = \
	plugins/common/hypervisor.c \
	plugins/common/hypervisor.h \
	plugins/common/kvm.c \
	plugins/common/kvm.h \
	plugins/common/program.c \
	plugins/common/program.h \
	plugins/common/wait.c \
	plugins/common/wait.h \
	$(NULL)
libplugin_la_LIBADD = libcommon.la

# What the network plugins share; the only part that knows libnl.
if HAVE_NL
noinst_LTLIBRARIES += libnetlink.la
libnetlink_la_SOURCES = \
	plugins/common/netlink.c \
	plugins/common/netlink.h \
	$(NULL)
libnetlink_la_CFLAGS = $(AM_CFLAGS) $(NL_CFLAGS)
endif
