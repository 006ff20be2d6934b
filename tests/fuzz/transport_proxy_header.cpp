// PROXY headers, as a load balancer or a liar in its place sends them, torn anywhere.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/port/proxy_header.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  std::size_t decided = 0;  // the size of the header, once it is known
  bool refused = false;
  for (std::size_t n = 0; n <= std::min(size, transport::proxy_header::bytes_max + 8); ++n) {
    const auto header = transport::proxy_header::parse(input.first(n));
    if (refused && header) std::abort();  // more bytes make no header of what is none
    refused = !header;
    if (!header || !*header) {
      if (decided != 0) std::abort();
      continue;
    }
    if (decided != 0 && (*header)->size != decided) std::abort();
    decided = (*header)->size;
    if (decided > n || decided > transport::proxy_header::bytes_max) std::abort();
  }
  if (!refused && decided == 0 && size > transport::proxy_header::bytes_max) std::abort();  // it never waits beyond its bound
  return 0;
}
