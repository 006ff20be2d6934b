// The configuration file: whatever stands in it, it is read or refused with a place, and what is accepted can be run with.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "phyllo/node/configuration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto c = phyllo::node::parse_configuration(text, "f");
  if (c && !phyllo::node::validate(*c).empty()) std::abort();
  if (!c && (!(c.error() == phyllo::node::errc::configuration) || !c.error().detail().starts_with("f"))) std::abort();
  return 0;
}
