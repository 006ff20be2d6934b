// Fragments of RELOAD messages (RFC 6940 s.6.7): whatever order and shape they come in, memory is bounded, and what was cut
// comes together again. The input is a run of length (2), fragment; and as a whole a message to be cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/core/wire.hpp"
#include "transport/link/fragmentation.hpp"

using namespace phyllo;

namespace {

constexpr std::size_t message_max = 65536;

void reassemble(core::byte_view input) {
  transport::reassembler whole(message_max);
  core::wire_reader r(input);
  core::time_point now{};
  while (r.ok() && !r.empty()) {
    const auto got = whole.add(r.opaque(2), now);
    if (got && *got && (*got)->size() > message_max) std::abort();
    if (whole.held_bytes() > transport::reassembler::bytes_max) std::abort();
    now += std::chrono::seconds(1);
  }
  (void)whole.add({}, now + transport::reassembler::patience);
  if (whole.held_bytes() != 0) std::abort();
}

// Says that it is the first and the last fragment, whatever its reserved bits.
bool says_whole(core::byte_view message) {
  core::wire_reader r(message);
  r.take(12);
  return (r.u32() & 0xc0ffffff) == 0xc0000000;
}

void cut_and_join(core::byte_view message) {
  (void)transport::is_fragment(message);
  const auto parts = transport::fragment(message, 600);
  if (parts.size() < 2 || !says_whole(message)) return;
  transport::reassembler whole(message_max);
  std::optional<core::bytes> joined;
  for (auto p = parts.rbegin(); p != parts.rend(); ++p) {
    if (auto got = whole.add(*p, {}); got && *got) joined = std::move(**got);
  }
  // Only the length and reserved bits of the fragment field may differ from what came in.
  if (!joined || joined->size() != message.size() || !core::equal(core::byte_view(*joined).subspan(20), message.subspan(20))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  reassemble(input);
  if (size <= message_max) cut_and_join(input);
  return 0;
}
