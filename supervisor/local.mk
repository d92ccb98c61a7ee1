# SPDX-License-Identifier: LGPL-2.1-or-later
libexecsub_PROGRAMS += supervisor/hvctl-supervisor
supervisor_hvctl_supervisor_SOURCES = \
	common/asked.c \
	common/asked.h \
	supervisor/attend.c \
	supervisor/brokered.c \
	supervisor/console.c \
	supervisor/foreground.c \
	supervisor/logs.c \
	supervisor/seal.c \
	supervisor/supervisor.c \
	supervisor/supervisor.h \
	supervisor/watch.c \
	$(NULL)
# Without sanitizers: it must stay small, and static where that is possible.
supervisor_hvctl_supervisor_CFLAGS = -std=gnu11 $(WARN_CFLAGS) -Os
supervisor_hvctl_supervisor_LDFLAGS =
if STATIC_SUPERVISOR
supervisor_hvctl_supervisor_LDFLAGS += -all-static
endif
