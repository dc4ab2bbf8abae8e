// C++'s operators, mismatched: what `new` made is given back by another door, or with another size. As in
// `defences.c` the argument says which, and each step that is reached is written on standard output.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <unistd.h>

namespace {

void step(const char *name) {
    char line[64];
    int length = std::snprintf(line, sizeof line, "%s\n", name);
    if (write(1, line, static_cast<size_t>(length)) != length)
        _exit(3);
}

constexpr std::align_val_t ALIGN{64};

void *volatile block;

struct Defence {
    const char *name;
    void *(*take)();
    void (*give)(void *);
};

const Defence defences[] = {
    {"malloc-delete", [] { return std::malloc(100); }, [](void *p) { ::operator delete(p); }},
    {"new-free", [] { return ::operator new(100); }, [](void *p) { std::free(p); }},
    {"new-array-delete", [] { return ::operator new[](100); }, [](void *p) { ::operator delete(p); }},
    {"new-delete-array", [] { return ::operator new(100); }, [](void *p) { ::operator delete[](p); }},
    {"new-aligned-delete", [] { return ::operator new(128, ALIGN); }, [](void *p) { ::operator delete(p); }},
    {"new-aligned-free", [] { return ::operator new(128, ALIGN); }, [](void *p) { std::free(p); }},
    {"delete-larger", [] { return ::operator new(100); }, [](void *p) { ::operator delete(p, size_t{160}); }},
    {"delete-smaller", [] { return ::operator new(100); }, [](void *p) { ::operator delete(p, size_t{99}); }},
    {"delete-twice", [] { return ::operator new(100); }, [](void *p) { ::operator delete(p); ::operator delete(p); }},
    {"correct", [] { return ::operator new(100); }, [](void *p) { ::operator delete(p, size_t{100}); }},
};

// Whatever waits for a while, or lies on a list, comes by.
void churn() {
    static void *kept[512];
    step("reuse");
    for (int i = 0; i < 20000; i++) {
        ::operator delete(kept[i % 512]);
        kept[i % 512] = ::operator new(100);
        std::memset(kept[i % 512], 0, 100);
    }
}

} // namespace

int main(int argc, char **argv) {
    for (const Defence &defence : defences) {
        if (argc > 1 && std::strcmp(defence.name, argv[1]) == 0) {
            block = defence.take();
            void *wall = ::operator new(100);
            step("free");
            defence.give(block);
            churn();
            ::operator delete(wall);
            step("end");
            _exit(0);
        }
    }
    return 2;
}
