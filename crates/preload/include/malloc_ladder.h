/* What the library has beyond <stdlib.h> and <malloc.h>: C23's functions, for C libraries that do not
   declare them yet. Everything else is declared where it always was. */
#ifndef MALLOC_LADDER_H
#define MALLOC_LADDER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As free(block), for a block of malloc, calloc or realloc with this size. */
void free_sized(void *block, size_t size);

/* As free(block), for a block of aligned_alloc with this alignment and size. */
void free_aligned_sized(void *block, size_t alignment, size_t size);

#ifdef __cplusplus
}
#endif

#endif
