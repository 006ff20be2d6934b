// STUN from strangers: decoding, the server's answers and their bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/stun/message.hpp"

using namespace phyllo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto m = stun::message::decode({data, size});
  if (!m) return 0;
  static_cast<void>(m->xor_mapped_address());
  static_cast<void>(stun::unknown_required_attributes(*m));
  const auto again = stun::message::decode(m->encode());
  if (!again && m->find(stun::attribute_type::fingerprint) == nullptr) std::abort();
  return 0;
}
