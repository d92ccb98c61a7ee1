# SPDX-License-Identifier: LGPL-2.1-or-later
# Small helpers, shared by the core and the plugins.
noinst_LTLIBRARIES += libcommon.la
libcommon_la_SOURCES = \
	common/asked.c \
	common/asked.h \
	common/cleanup.h \
	common/compat.c \
	common/compat.h \
	common/forward.c \
	common/forward.h \
	common/hypervisor.c \
	common/hypervisor.h \
	common/kvm.c \
	common/facts.h \
	common/kvm.h \
	common/mac.c \
	common/mac.h \
	common/member.h \
	common/pass.c \
	common/pass.h \
	common/program.c \
	common/program.h \
	common/qcow2.c \
	common/qcow2.h \
	common/size.c \
	common/size.h \
	common/wait.c \
	common/wait.h \
	$(NULL)

# What the network plugins share; the only part that knows libnl.
if HAVE_NL
noinst_LTLIBRARIES += libnetlink.la
libnetlink_la_SOURCES = \
	common/netlink.c \
	common/netlink.h \
	$(NULL)
libnetlink_la_CFLAGS = $(AM_CFLAGS) $(NL_CFLAGS)
endif
