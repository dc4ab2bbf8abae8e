// A program with a plain new and delete of its own, on malloc and free. The other forms are the library's, and what they
// get back may have come from either.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

static int news;

void *operator new(std::size_t size) {
    news++;
    if (void *block = std::malloc(size))
        return block;
    throw std::bad_alloc();
}

void operator delete(void *block) noexcept {
    std::free(block);
}

struct Base {
    virtual ~Base() = default;
    int n = 1;
};

struct Derived : Base {
    int more[50] = {};
};

struct alignas(64) Aligned {
    int n = 1;
};

int main() {
    for (int i = 0; i < 1000; i++) {
        std::unique_ptr<Base> base = std::make_unique<Derived>();
        auto array = std::make_unique<std::string[]>(10);
        array[3] = std::string(i, 'x');
        auto aligned = std::make_unique<Aligned>();
        std::vector<std::string> strings(i % 50, std::string(40, 'y'));
        operator delete(operator new(100), std::size_t{100});
    }
    if (news == 0)
        return 1;
    std::puts("replaced: as it should be");
}
