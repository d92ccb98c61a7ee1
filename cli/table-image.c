/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Commands about images. */
#include "cli/table.h"

const struct command image_commands[] = {
    { "image import",
      ARGS_WORDS,
      "FILE|URL|NAME",
      "add an image that disks can be made on",
      cmd_image_import,
      CMD_CHANGES,
      { { "name", 0, "NAME", "its name; default that of the file", NULL },
        { "sha256", 0, "CHECKSUM", "the SHA-256 that the publisher states",
          NULL },
        { "signature", 0, "FILE|URL", "a signature of the image", "FILE" },
        { "unverified", 0, NULL, "accept an image that nothing vouches for",
          NULL },
        { "max-size", 0, "SIZE",
          "the limit of what is downloaded, and of what is unpacked; default "
          "256G",
          NULL },
        { "timeout", 't', "TIME",
          "give up if nothing arrives for this long; default 60s", NULL } },
      "FILE is a disk image: raw, qcow2, vmdk, vdi or vhdx, which may be "
      "compressed (gzip,\nbzip2, xz, zstd), or in an archive (tar, zip).  It "
      "is copied, or downloaded from a URL (http, https).  NAME is an image "
      "that\n"
      "hvctl.conf knows, or debian-12, debian-13, ubuntu-24.04, …\n\n"
      "  hvctl image import debian-13\n"
      "  hvctl image import debian-12.qcow2 --sha256 CHECKSUM\n"
      "  hvctl image import https://example.org/debian-12.qcow2 --name "
      "debian-12 "
      "\\\n"
      "      --sha256 CHECKSUM\n"
      "  hvctl create web --disk root:20G,image=debian-12" },
    { "image list", ARGS_NONE, "", "list images", cmd_image_list, 0, NO_MORE },
    { "image info", ARGS_WORDS, "IMAGE",
      "show where an image is from, and its disks", cmd_image_info, 0,
      NO_MORE },
    { "image rm",
      ARGS_WORDS,
      "IMAGE",
      "delete an image",
      cmd_image_rm,
      CMD_CHANGES | CMD_DESTROYS,
      { YES },
      "An image that an overlay needs is not deleted." },
    { "image verify",
      ARGS_WORDS,
      "[IMAGE…]",
      "check that images are as they were imported",
      cmd_image_verify,
      0,
      { { 0 } },
      "Reads all of their data." },
    END_OF_COMMANDS,
};
