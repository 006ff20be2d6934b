// The record's XML, names and dictionary keys: whatever parses prints to something that parses to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "overlay/kinds/resource_key.hpp"
#include "phyllo/overlay/record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  const auto text = phyllo::core::as_text(input);
  if (const auto record = phyllo::overlay::record::parse(text)) {
    const auto xml = record->xml();
    const auto again = phyllo::overlay::record::parse(xml);
    if (xml.size() <= 4096 && (!again || again->name != record->name || again->value != record->value)) std::abort();
    for (const auto& l : record->locations) (void)phyllo::overlay::binding_of(l);
  }
  if (const auto name = phyllo::overlay::name::parse(text)) {
    if (name->type.empty() || name->subject.empty() || name->type.find(':') != std::string::npos) std::abort();
  }
  if (const auto key = phyllo::overlay::resource_key::decode(input)) {
    if (key->encode() != phyllo::core::to_bytes(input)) std::abort();
  }
  return 0;
}
