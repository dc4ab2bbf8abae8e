/* A plug-in that looks its symbols up in its own libraries first (RTLD_DEEPBIND). */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

int deep_plugin_works(void) {
    int works = 1;
    /* The C library allocates the copy, with the `malloc` of the whole program. */
    char *copy = strdup("a copy");
    works = works && copy && strcmp(copy, "a copy") == 0;
    free(copy);
    /* This file itself, which only the directories of the library that asks lead to. */
    void *again = dlopen("deep_plugin", RTLD_NOW);
    works = works && again && dlclose(again) == 0;
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
