# SPDX-License-Identifier: LGPL-2.1-or-later
# What hvctl is, as a convenience library, so that tests see all of it.
noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = \
	core/acquire.c \
	core/acquire.h \
	core/arena.c \
	core/arena.h \
	core/attend.c \
	core/broker.c \
	core/broker.h \
	core/calls.c \
	core/calls.h \
	core/change.h \
	core/choose.c \
	core/clash.c \
	core/command.c \
	core/command.h \
	core/config.c \
	core/config.h \
	core/definition.c \
	core/definition.h \
	core/diagnosis.c \
	core/diagnosis.h \
	core/editor.c \
	core/error.c \
	core/error.h \
	core/facts.c \
	core/filter-cache.c \
	core/filter-cache.h \
	core/filter-head.c \
	core/filter-head.h \
	core/filter.c \
	core/filter.h \
	core/find.c \
	core/groups-ch.h \
	core/flow.c \
	core/flow.h \
	core/groups-kvm.h \
	core/groups-passt.h \
	core/groups.c \
	core/groups.h \
	core/helper.c \
	core/helper.h \
	core/host.c \
	core/host.h \
	core/hotplug.c \
	core/hvctl.c \
	core/hvctl.h \
	core/jail-exec.c \
	core/jail-landlock.c \
	core/jail-plan.c \
	core/jail-root.c \
	core/jail-check.c \
	core/jail-seal.c \
	core/jail.c \
	core/jail.h \
	core/journal.c \
	core/journal.h \
	core/json.c \
	core/json.h \
	core/launch.c \
	core/launch.h \
	core/lend.c \
	core/lend.h \
	core/learn-boot.h \
	core/learn-table.c \
	core/learn-text.c \
	core/learn.c \
	core/learn.h \
	core/loader.c \
	core/loader.h \
	core/machine.h \
	core/name.c \
	core/plan.c \
	core/plan.h \
	core/plan_json.c \
	core/policy.c \
	core/policy.h \
	core/program.c \
	core/provider-call.h \
	core/provider-storage.c \
	core/provider.c \
	core/provider.h \
	core/requirements.c \
	core/resolve.c \
	core/scan.c \
	core/scan.h \
	core/run.h \
	core/services.c \
	core/services.h \
	core/settings.c \
	core/snapshot.c \
	core/spawn.c \
	core/spawn.h \
	core/start.c \
	core/state.c \
	core/state.h \
	core/stop.c \
	core/supervise.c \
	core/supervise.h \
	core/support.c \
	core/support.h \
	core/textedit.c \
	core/violation.c \
	core/violation.h \
	core/watch.c \
	core/watch.h \
	$(NULL)
libcore_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DHVCTL_PLUGINDIR='"$(plugindir)"' \
	-DHVCTL_LIBEXECDIR='"$(libexecdir)"' \
	-DHVCTL_SYSCONFDIR='"$(sysconfdir)"' \
	-DHVCTL_LOCALSTATEDIR='"$(localstatedir)"'
libcore_la_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS) $(JSONC_CFLAGS) \
	$(SECCOMP_CFLAGS)
libcore_la_LIBADD = libcommon.la $(LTDL_LIBS) $(CONFUSE_LIBS) $(JSONC_LIBS) \
	$(SECCOMP_LIBS)
