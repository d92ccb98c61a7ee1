# SPDX-License-Identifier: LGPL-2.1-or-later
qemu_sources = \
	plugins/qemu/args-disk.c \
	plugins/qemu/args-net.c \
	plugins/qemu/args.c \
	plugins/qemu/check.c \
	plugins/qemu/control.c \
	plugins/qemu/drive.c \
	plugins/qemu/foresee.c \
	plugins/qemu/hotplug-disk.c \
	plugins/qemu/hotplug-nic.c \
	plugins/qemu/hotplug.c \
	plugins/qemu/insert.c \
	plugins/qemu/resize.c \
	plugins/qemu/save.c \
	plugins/qemu/machine.c \
	plugins/qemu/probe.c \
	plugins/qemu/qemu.c \
	plugins/qemu/qemu.h \
	plugins/qemu/qmp.c \
	plugins/qemu/qmp.h \
	plugins/qemu/schema.c \
	plugins/qemu/support.c \
	$(NULL)

if PLUGIN_QEMU
plugin_LTLIBRARIES += plugins/qemu.la
plugins_qemu_la_SOURCES = $(qemu_sources)
plugins_qemu_la_CFLAGS = $(PLUGIN_CFLAGS) $(JSONC_CFLAGS)
plugins_qemu_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_qemu_la_LIBADD = libplugin.la $(JSONC_LIBS)
man_pods += plugins/qemu/hvctl-qemu.pod
endif
EXTRA_DIST += plugins/qemu/hvctl-qemu.pod
