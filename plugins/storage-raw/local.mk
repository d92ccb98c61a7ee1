# SPDX-License-Identifier: LGPL-2.1-or-later
if PLUGIN_STORAGE_RAW
plugin_LTLIBRARIES += plugins/storage_raw.la
plugins_storage_raw_la_SOURCES = \
	plugins/common/volume.c \
	plugins/common/volume.h \
	plugins/storage-raw/storage-raw.c \
	$(NULL)
plugins_storage_raw_la_CFLAGS = $(PLUGIN_CFLAGS) 
plugins_storage_raw_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_storage_raw_la_LIBADD = libplugin.la 
man_pods += plugins/storage-raw/hvctl-storage-raw.pod
endif
EXTRA_DIST += plugins/storage-raw/hvctl-storage-raw.pod
