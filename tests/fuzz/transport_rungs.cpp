// The file of remembered rungs, and the kernel's route tables.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/core/bytes.hpp"
#include "phyllo/transport/ladder.hpp"
#include "transport/port/network_name.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = core::as_text({data, size});
  const auto printed = transport::rung_memory::parse(text).print();
  if (transport::rung_memory::parse(printed).print() != printed) std::abort();
  static_cast<void>(transport::default_gateways_v4(text));
  static_cast<void>(transport::default_gateways_v6(text));
  return 0;
}
