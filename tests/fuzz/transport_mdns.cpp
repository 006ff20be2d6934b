// Multicast DNS from whoever is on the local network: questions, and answers with their compressed names.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/dns/mdns_message.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto query = transport::mdns_query::decode({data, size});
  if (query && !transport::mdns_query::decode(query->encode())) std::abort();
  const transport::mdns_query asked{static_cast<std::uint16_t>(data[0] << 8 | data[1])};
  for (const auto& p : transport::read_mdns_answer(asked, {data, size})) {
    if (p.at.port == 0 || p.instance.size() > 255) std::abort();
  }
  return 0;
}
