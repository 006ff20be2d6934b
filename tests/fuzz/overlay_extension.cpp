// The message extensions of replicated storage (storage.md).
#include "overlay/storage_extension.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  using namespace phyllo::overlay;
  if (const auto s = replica_state::decode(input)) {
    if (s->encode().content != phyllo::core::to_bytes(input)) std::abort();
  }
  for (const auto type :
       {extension_type::replica_view, extension_type::read_quorum, extension_type::store_condition, extension_type::replica_state})
    (void)decode({{.type = type, .critical = true, .content = phyllo::core::to_bytes(input)}});
  return 0;
}
