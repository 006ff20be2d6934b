// In place of the library's operator new, for the whole test program.
#include "counted_news.hpp"

#include <cstdlib>
#include <new>

namespace phyllo::testing {
namespace {

thread_local std::size_t counted = 0;

}  // namespace

std::size_t news() noexcept { return counted; }

void* counted_new(std::size_t size) {
  ++counted;
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}

}  // namespace phyllo::testing

void* operator new(std::size_t size) { return phyllo::testing::counted_new(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
