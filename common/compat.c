/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/compat.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#if HAVE_DECL_STRERRORNAME_NP

const char *
errno_name (int code)
{
    return strerrorname_np (code);
}

#else

/* Those of the kernel (asm-generic/errno.h). */
#define NAME(e) [e] = #e
static const char *const names[] = {
    NAME (EPERM),
    NAME (ENOENT),
    NAME (ESRCH),
    NAME (EINTR),
    NAME (EIO),
    NAME (ENXIO),
    NAME (E2BIG),
    NAME (ENOEXEC),
    NAME (EBADF),
    NAME (ECHILD),
    NAME (EAGAIN),
    NAME (ENOMEM),
    NAME (EACCES),
    NAME (EFAULT),
    NAME (ENOTBLK),
    NAME (EBUSY),
    NAME (EEXIST),
    NAME (EXDEV),
    NAME (ENODEV),
    NAME (ENOTDIR),
    NAME (EISDIR),
    NAME (EINVAL),
    NAME (ENFILE),
    NAME (EMFILE),
    NAME (ENOTTY),
    NAME (ETXTBSY),
    NAME (EFBIG),
    NAME (ENOSPC),
    NAME (ESPIPE),
    NAME (EROFS),
    NAME (EMLINK),
    NAME (EPIPE),
    NAME (EDOM),
    NAME (ERANGE),
    NAME (EDEADLK),
    NAME (ENAMETOOLONG),
    NAME (ENOLCK),
    NAME (ENOSYS),
    NAME (ENOTEMPTY),
    NAME (ELOOP),
    NAME (ENOMSG),
    NAME (EIDRM),
    NAME (ECHRNG),
    NAME (EL2NSYNC),
    NAME (EL3HLT),
    NAME (EL3RST),
    NAME (ELNRNG),
    NAME (EUNATCH),
    NAME (ENOCSI),
    NAME (EL2HLT),
    NAME (EBADE),
    NAME (EBADR),
    NAME (EXFULL),
    NAME (ENOANO),
    NAME (EBADRQC),
    NAME (EBADSLT),
    NAME (EBFONT),
    NAME (ENOSTR),
    NAME (ENODATA),
    NAME (ETIME),
    NAME (ENOSR),
    NAME (ENONET),
    NAME (ENOPKG),
    NAME (EREMOTE),
    NAME (ENOLINK),
    NAME (EADV),
    NAME (ESRMNT),
    NAME (ECOMM),
    NAME (EPROTO),
    NAME (EMULTIHOP),
    NAME (EDOTDOT),
    NAME (EBADMSG),
    NAME (EOVERFLOW),
    NAME (ENOTUNIQ),
    NAME (EBADFD),
    NAME (EREMCHG),
    NAME (ELIBACC),
    NAME (ELIBBAD),
    NAME (ELIBSCN),
    NAME (ELIBMAX),
    NAME (ELIBEXEC),
    NAME (EILSEQ),
    NAME (ERESTART),
    NAME (ESTRPIPE),
    NAME (EUSERS),
    NAME (ENOTSOCK),
    NAME (EDESTADDRREQ),
    NAME (EMSGSIZE),
    NAME (EPROTOTYPE),
    NAME (ENOPROTOOPT),
    NAME (EPROTONOSUPPORT),
    NAME (ESOCKTNOSUPPORT),
    NAME (EOPNOTSUPP),
    NAME (EPFNOSUPPORT),
    NAME (EAFNOSUPPORT),
    NAME (EADDRINUSE),
    NAME (EADDRNOTAVAIL),
    NAME (ENETDOWN),
    NAME (ENETUNREACH),
    NAME (ENETRESET),
    NAME (ECONNABORTED),
    NAME (ECONNRESET),
    NAME (ENOBUFS),
    NAME (EISCONN),
    NAME (ENOTCONN),
    NAME (ESHUTDOWN),
    NAME (ETOOMANYREFS),
    NAME (ETIMEDOUT),
    NAME (ECONNREFUSED),
    NAME (EHOSTDOWN),
    NAME (EHOSTUNREACH),
    NAME (EALREADY),
    NAME (EINPROGRESS),
    NAME (ESTALE),
    NAME (EUCLEAN),
    NAME (ENOTNAM),
    NAME (ENAVAIL),
    NAME (EISNAM),
    NAME (EREMOTEIO),
    NAME (EDQUOT),
    NAME (ENOMEDIUM),
    NAME (EMEDIUMTYPE),
    NAME (ECANCELED),
    NAME (ENOKEY),
    NAME (EKEYEXPIRED),
    NAME (EKEYREVOKED),
    NAME (EKEYREJECTED),
    NAME (EOWNERDEAD),
    NAME (ENOTRECOVERABLE),
    NAME (ERFKILL),
    NAME (EHWPOISON),
};

const char *
errno_name (int code)
{
    size_t i = (size_t)code;

    return code > 0 && i < sizeof names / sizeof *names ? names[i] : NULL;
}

#endif
