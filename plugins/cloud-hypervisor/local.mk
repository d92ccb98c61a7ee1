# SPDX-License-Identifier: LGPL-2.1-or-later
cloud_hypervisor_sources = \
	plugins/cloud-hypervisor/api.c \
	plugins/cloud-hypervisor/api.h \
	plugins/cloud-hypervisor/ch.h \
	plugins/cloud-hypervisor/check.c \
	plugins/cloud-hypervisor/cloud-hypervisor.c \
	plugins/cloud-hypervisor/control.c \
	plugins/cloud-hypervisor/describe.c \
	plugins/cloud-hypervisor/firmware.c \
	plugins/cloud-hypervisor/hotplug.c \
	plugins/cloud-hypervisor/resize.c \
	plugins/cloud-hypervisor/save.c \
	plugins/cloud-hypervisor/support.c \
	plugins/cloud-hypervisor/vm-config.c \
	$(NULL)

if PLUGIN_CLOUD_HYPERVISOR
plugin_LTLIBRARIES += plugins/cloud_hypervisor.la
plugins_cloud_hypervisor_la_SOURCES = $(cloud_hypervisor_sources)
plugins_cloud_hypervisor_la_CFLAGS = $(PLUGIN_CFLAGS) $(JSONC_CFLAGS)
plugins_cloud_hypervisor_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_cloud_hypervisor_la_LIBADD = libplugin.la $(JSONC_LIBS)
man_pods += plugins/cloud-hypervisor/hvctl-cloud-hypervisor.pod
endif
EXTRA_DIST += plugins/cloud-hypervisor/hvctl-cloud-hypervisor.pod
