/* What the library has beyond <stdlib.h> and <malloc.h>: functions of its own, which begin with
   malloc_ladder_, and C23's, for C libraries that do not declare them yet. Everything else is declared
   where it always was.

   Link with what `pkg-config --cflags --libs malloc_ladder` says, or look the functions up by dlsym
   where the library may not be preloaded. */
#ifndef MALLOC_LADDER_H
#define MALLOC_LADDER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes what was requested, what is live and what it takes to a file descriptor: as text, or with
   `json` other than 0 as one line of JSON. Looks at every block. */
void malloc_ladder_stats(int file, int json);

/* Samples requests for the heap profile from now on: a byte of each `average` that are requested, 0
   for 524288. 0 if it does so; -1 and ENOMEM if there is no memory for it. */
int malloc_ladder_profile_start(size_t average);

/* Samples no more requests. Those that were sampled stay in the profile. */
void malloc_ladder_profile_stop(void);

/* Writes the heap profile to the file at `path`, or if that is null to the one that
   MALLOC_LADDER_PROFILE names; `pprof PROGRAM FILE` reads it. 0 if it is written; -1 and EINVAL if
   nothing was ever sampled, or the file cannot be opened. */
int malloc_ladder_profile_dump(const char *path);

/* As free(block), for a block of malloc, calloc or realloc with this size. */
void free_sized(void *block, size_t size);

/* As free(block), for a block of aligned_alloc with this alignment and size. */
void free_aligned_sized(void *block, size_t alignment, size_t size);

#ifdef __cplusplus
}
#endif

#endif
