# SPDX-License-Identifier: LGPL-2.1-or-later
# Included first: what every target shares.  Lists end in $(NULL), so that
# adding a line touches one line.
NULL =

AM_CPPFLAGS = -include config.h -I$(top_builddir) -I$(top_srcdir) \
	-I$(top_srcdir)/include
AM_CFLAGS = -std=gnu11 -fvisibility=hidden $(WARN_CFLAGS) $(SANITIZE_CFLAGS)
AM_LDFLAGS = $(SANITIZE_CFLAGS)

PLUGIN_CFLAGS = $(AM_CFLAGS)
PLUGIN_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined \
	$(DEFS_LDFLAGS) -Wl,-z,now \
	-Wl,--version-script=$(top_srcdir)/plugins/plugins.syms
