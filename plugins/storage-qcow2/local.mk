# SPDX-License-Identifier: LGPL-2.1-or-later
if PLUGIN_STORAGE_QCOW2
plugin_LTLIBRARIES += plugins/storage_qcow2.la
plugins_storage_qcow2_la_SOURCES = \
	plugins/common/volume.c \
	plugins/common/volume.h \
	plugins/storage-qcow2/chain.c \
	plugins/storage-qcow2/chain.h \
	plugins/storage-qcow2/forget.c \
	plugins/storage-qcow2/image.c \
	plugins/storage-qcow2/snapshot.c \
	plugins/storage-qcow2/storage-qcow2.c \
	plugins/storage-qcow2/storage-qcow2.h \
	plugins/storage-qcow2/stream.c \
	plugins/storage-qcow2/users.c \
	$(NULL)
plugins_storage_qcow2_la_CFLAGS = $(PLUGIN_CFLAGS) 
plugins_storage_qcow2_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_storage_qcow2_la_LIBADD = libplugin.la 
man_pods += plugins/storage-qcow2/hvctl-storage-qcow2.pod
endif
EXTRA_DIST += plugins/storage-qcow2/hvctl-storage-qcow2.pod
