/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Visibility of the library's functions. Define OLM_STATIC_DEFINE when you link libolm.a and want none.
 */
#ifndef OLM_EXPORT_H
#define OLM_EXPORT_H

#if defined(OLM_STATIC_DEFINE) || !defined(__GNUC__)
#  ifndef OLM_EXPORT
#    define OLM_EXPORT
#  endif
#  ifndef OLM_NO_EXPORT
#    define OLM_NO_EXPORT
#  endif
#else
#  ifndef OLM_EXPORT
#    define OLM_EXPORT __attribute__((visibility("default")))
#  endif
#  ifndef OLM_NO_EXPORT
#    define OLM_NO_EXPORT __attribute__((visibility("hidden")))
#  endif
#endif

#ifndef OLM_DEPRECATED
#  ifdef __GNUC__
#    define OLM_DEPRECATED __attribute__((__deprecated__))
#  else
#    define OLM_DEPRECATED
#  endif
#endif

#ifndef OLM_DEPRECATED_EXPORT
#  define OLM_DEPRECATED_EXPORT OLM_EXPORT OLM_DEPRECATED
#endif

#ifndef OLM_DEPRECATED_NO_EXPORT
#  define OLM_DEPRECATED_NO_EXPORT OLM_NO_EXPORT OLM_DEPRECATED
#endif

#endif
