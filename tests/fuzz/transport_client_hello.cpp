// The first TLS record of a connection, as a shard looks at it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/tls/client_hello.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  const bool anyway = transport::asks_for_link(input, false);
  if (anyway && !transport::asks_for_link(input, true)) std::abort();  // a name in ALPN is what it is on every port
  return 0;
}
