// The first bytes of datagrams and streams.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/port/sniff.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  static_cast<void>(transport::classify_datagram(input));
  auto decided = transport::stream_start::undecided;
  for (std::size_t n = 0; n <= std::min(size, transport::sniff_bytes_max); ++n) {
    const auto kind = transport::classify_stream(input.first(n));
    if (decided != transport::stream_start::undecided && kind != decided) std::abort();  // a decision stands
    decided = kind;
  }
  if (size >= transport::sniff_bytes_max && decided == transport::stream_start::undecided) std::abort();
  return 0;
}
