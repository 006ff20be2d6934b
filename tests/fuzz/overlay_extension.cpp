// The message extensions of replicated storage (storage.md). The input is a type (2) and its content; and as a whole the content of each.
#include "overlay/storage_extension.hpp"
#include "round_trip.hpp"

namespace {

using namespace phyllo;
using namespace phyllo::overlay;

// What is read as ours is printed as it came, but for a condition that asks for nothing.
void typed(core::byte_view input) {
  core::wire_reader r(input);
  const auto type = r.u16();
  const auto content = core::to_bytes(r.rest());
  const auto o = decode({{.type = type, .critical = false, .content = content}});
  if (!o) return;
  for (const auto& e : encode(*o)) {
    if (e.type != type || e.content != content) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  if (const auto s = replica_state::decode(input)) {
    if (s->encode().content != core::to_bytes(input)) std::abort();
  }
  for (const auto type : {extension_type::replica_view, extension_type::read_quorum, extension_type::store_condition,
                          extension_type::replica_state, extension_type::watch})
    (void)decode({{.type = type, .critical = true, .content = core::to_bytes(input)}});
  typed(input);
  return 0;
}
