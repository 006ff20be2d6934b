// DNS answers, which anybody on the way may write.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/dns/dns_records.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto srv = transport::parse_srv({data, size});
  if (srv && srv->ttl < std::chrono::seconds(0)) std::abort();
  const auto naptr = transport::parse_naptr({data, size});
  if (naptr && naptr->records.size() > 64) std::abort();
  return 0;
}
