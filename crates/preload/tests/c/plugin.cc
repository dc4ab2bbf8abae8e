// A library for dlopen: allocates before anyone calls it, and throws what it catches itself.
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

static std::vector<std::string> names(100, "a string that is too long to be stored in place");
static char *early;

__attribute__((constructor)) static void come() { early = strdup("here"); }
__attribute__((destructor)) static void go() { free(early); }

extern "C" int plugin_works() {
    volatile std::size_t too_much = static_cast<std::size_t>(-1) / 2 - 64;
    int caught = 0;
    try {
        delete[] new char[too_much];
    } catch (const std::bad_alloc &) {
        caught++;
    }
    if (!new (std::nothrow) char[too_much])
        caught++;
    return caught == 2 && names[99].size() == 47 && !strcmp(early, "here");
}
