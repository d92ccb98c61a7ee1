# SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += cli/hvctl
cli_hvctl_SOURCES = \
	cli/cli.h \
	cli/addresses.c \
	cli/addresses.h \
	cli/apply.c \
	cli/apply-shown.c \
	cli/apply-shown.h \
	cli/apply-steps.c \
	cli/apply-steps.h \
	cli/attached.c \
	cli/change.c \
	cli/await.c \
	cli/columns.c \
	cli/columns.h \
	cli/completion-keys.c \
	cli/completion-keys.h \
	cli/completion.c \
	cli/completion-scripts.c \
	cli/console.c \
	cli/console.h \
	cli/cp.c \
	cli/create-disks.c \
	cli/create.c \
	cli/crowd.c \
	cli/crowd.h \
	cli/define.c \
	cli/doctor.c \
	cli/document-host.c \
	cli/document-plan.c \
	cli/document-vm.c \
	cli/document.c \
	cli/document.h \
	cli/each.c \
	cli/exec.c \
	cli/find-vms.c \
	cli/finished.c \
	cli/edit.h \
	cli/generate.c \
	cli/help.c \
	cli/identify.c \
	cli/identify.h \
	cli/hvctl.c \
	cli/image-import.c \
	cli/image-store.c \
	cli/image-store.h \
	cli/import.c \
	cli/import-check.c \
	cli/import-check.h \
	cli/import-tell.c \
	cli/import-tell.h \
	cli/ip.c \
	cli/learn.c \
	cli/leases.c \
	cli/leases.h \
	cli/list.c \
	cli/list-columns.c \
	cli/list-row.c \
	cli/list-row.h \
	cli/live.c \
	cli/live.h \
	cli/loss.c \
	cli/loss.h \
	cli/logs.c \
	cli/members.c \
	cli/members.h \
	cli/neighbours.c \
	cli/neighbours.h \
	cli/options.c \
	cli/plan.c \
	cli/plugin.c \
	cli/progress.c \
	cli/progress.h \
	cli/reach.c \
	cli/reach.h \
	cli/remove.c \
	cli/rename.c \
	cli/report.c \
	cli/resize.c \
	cli/sandbox.c \
	cli/ssh.c \
	cli/schema-config.c \
	cli/schema-config.h \
	cli/schema-document.c \
	cli/schema-document.h \
	cli/schema-vim.c \
	cli/schema-vim.h \
	cli/schema-print.c \
	cli/schema-print.h \
	cli/section-json.c \
	cli/section-json.h \
	cli/select.c \
	cli/select.h \
	cli/select-labels.c \
	cli/select-labels.h \
	cli/set.c \
	cli/show.c \
	cli/snapshot.c \
	cli/spec.c \
	cli/spec.h \
	cli/start.c \
	cli/status.c \
	cli/stream.c \
	cli/table.c \
	cli/table.h \
	cli/tell.c \
	cli/tell.h \
	cli/table-define.c \
	cli/table-devices.c \
	cli/table-host.c \
	cli/table-image.c \
	cli/table-run.c \
	cli/table-volume.c \
	cli/turns.c \
	cli/turns.h \
	cli/validate.c \
	cli/volume-list.c \
	cli/volume-snapshot.c \
	cli/volume.c \
	cli/volume.h \
	cli/words.c \
	$(NULL)
cli_hvctl_CPPFLAGS = $(libcore_la_CPPFLAGS)
cli_hvctl_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
cli_hvctl_LDADD = libimport.la libcore.la $(JSONC_LIBS)

EXTRA_DIST += hvctl.in

# Completions are made from the one table of commands, by the program itself.
completions = completions/hvctl.bash completions/_hvctl completions/hvctl.fish
completions/hvctl.bash: cli/hvctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completions && cli/hvctl completion bash > $@
completions/_hvctl: cli/hvctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completions && cli/hvctl completion zsh > $@
completions/hvctl.fish: cli/hvctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completions && cli/hvctl completion fish > $@
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d
zshcomp_DATA = completions/_hvctl
fishcomp_DATA = completions/hvctl.fish
CLEANFILES += $(completions)
all-local: $(completions)
install-data-local: completions/hvctl.bash
	$(MKDIR_P) $(DESTDIR)$(bashcompdir)
	$(INSTALL_DATA) completions/hvctl.bash $(DESTDIR)$(bashcompdir)/hvctl
uninstall-hook:
	rm -f $(DESTDIR)$(bashcompdir)/hvctl

# So is the syntax file for vim, from the tables of keys.
vimsyntaxdir = $(datadir)/vim/vimfiles/syntax
vimftdetectdir = $(datadir)/vim/vimfiles/ftdetect
nodist_vimsyntax_DATA = vim/hvctl.vim
dist_vimftdetect_DATA = packaging/vim/ftdetect/hvctl.vim
vim/hvctl.vim: cli/hvctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) vim && cli/hvctl schema --vim > $@
CLEANFILES += vim/hvctl.vim
