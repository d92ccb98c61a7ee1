# SPDX-License-Identifier: LGPL-2.1-or-later
# Small helpers, shared by the core and the plugins.
noinst_LTLIBRARIES += libcommon.la
libcommon_la_SOURCES = \
	common/asked.c \
	common/asked.h \
	common/base64.c \
	common/base64.h \
	common/cleanup.h \
	common/compat.c \
	common/compat.h \
	common/facts.h \
	common/foreign.c \
	common/foreign.h \
	common/forward.c \
	common/forward.h \
	common/hash.c \
	common/hash.h \
	common/mac.c \
	common/mac.h \
	common/if-any.h \
	common/member.h \
	common/pass.c \
	common/pass.h \
	common/qcow2.c \
	common/qcow2.h \
	common/size.c \
	common/size.h \
	$(NULL)
