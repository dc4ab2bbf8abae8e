/* Functions that <stdlib.h> and <malloc.h> may not declare: the library's own, which begin with
   malloc_ladder_, and C23's, for C libraries that do not declare them yet. The standard headers declare
   everything else.

   Link with the flags of `pkg-config --cflags --libs malloc_ladder`, or look the functions up with dlsym
   if the library may not be preloaded. */
#ifndef MALLOC_LADDER_H
#define MALLOC_LADDER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the report (requests, live blocks, footprint) to a file descriptor: as text if `json` is 0, else
   as one line of JSON. Visits every block. */
void malloc_ladder_stats(int file, int json);

/* Starts to sample requests for the heap profile: on average one of every `average` bytes requested; 0
   means 524288. Returns 0, or -1 with errno ENOMEM if there is no memory for the profile. */
int malloc_ladder_profile_start(size_t average);

/* Stops sampling. The samples so far stay in the profile. */
void malloc_ladder_profile_stop(void);

/* Writes the heap profile to the file at `path`, or, if `path` is null, to the file that
   MALLOC_LADDER_PROFILE names. `pprof PROGRAM FILE` reads it. Returns 0, or -1 with errno EINVAL if
   sampling never started or the file cannot be opened. */
int malloc_ladder_profile_dump(const char *path);

/* As free(block), for a block of malloc, calloc or realloc with this size. */
void free_sized(void *block, size_t size);

/* As free(block), for a block of aligned_alloc with this alignment and size. */
void free_aligned_sized(void *block, size_t alignment, size_t size);

#ifdef __cplusplus
}
#endif

#endif
