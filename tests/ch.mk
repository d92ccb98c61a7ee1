# SPDX-License-Identifier: LGPL-2.1-or-later
# The plugin cloud-hypervisor, with a server of our own that behaves as the
# real program, or with that: make check CLOUD_HYPERVISOR=/path.
