/* A plug-in that looks its symbols up in its own libraries first (RTLD_DEEPBIND). */
#include <stdlib.h>
#include <string.h>

int deep_plugin_works(void) {
    int works = 1;
    for (size_t size = 1; size < 100000; size += size / 2 + 1) {
        char *block = malloc(size), *zeroed = calloc(1, size);
        works = works && block && zeroed && !zeroed[size - 1];
        memset(block, 1, size);
        block = realloc(block, 2 * size);
        works = works && block && block[size - 1] == 1;
        free(block);
        free(zeroed);
    }
    return works;
}
