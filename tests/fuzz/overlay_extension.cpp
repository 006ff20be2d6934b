// The message extensions of replicated storage (storage.md) and of Attach (pastry.md s.8). The input is a type (2) and its content; and as
// a whole the content of each.
#include "overlay/reload/attach_stamp.hpp"
#include "overlay/storage/storage_extension.hpp"
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

void stamp(core::byte_view input) {
  message_contents m;
  m.extensions.push_back({.type = attach_stamp::type, .critical = false, .content = core::to_bytes(input)});
  const auto first = attach_stamp::of(m);
  if (!first) return;
  m.extensions = {first->encode()};
  const auto second = attach_stamp::of(m);
  if (!second || second->made_ms != first->made_ms || !(second->target == first->target)) std::abort();
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
  stamp(input);
  return 0;
}
