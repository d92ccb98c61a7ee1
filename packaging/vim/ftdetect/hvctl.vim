" SPDX-License-Identifier: LGPL-2.1-or-later
" The files of hvctl, also those of a user: hvctl.conf, conf.d, vm.d.
au BufRead,BufNewFile */hvctl/hvctl.conf,*/hvctl/conf.d/*.conf,*/hvctl/vm.d/*.conf set filetype=hvctl
