#include "stun_binding.hpp"

#include "phyllo/core/wire.hpp"

namespace phyllo::transport {

core::bytes answer_binding(const stun_message& request, const endpoint& from, std::optional<core::bytes> reach) {
  stun_message answer;
  answer.type = stun_type::binding_success;
  answer.transaction = request.transaction;
  if (const auto unknown = unknown_required_attributes(request); !unknown.empty()) {
    answer.type = stun_type::binding_error;
    answer.add(stun_attribute::error_code, {0, 0, 4, 20});  // 420 Unknown Attribute, no phrase
    core::bytes first;
    core::wire_writer(first).u16(unknown.front());  // one is enough for the sender, and bounds the answer
    answer.add(stun_attribute::unknown_attributes, std::move(first));
    return answer.encode();
  }
  answer.add_xor_mapped_address(from);
  const bool asked = reach.has_value();
  if (asked) answer.add(stun_attribute::reach, std::move(*reach));
  return answer.encode(!asked && request.find(stun_attribute::fingerprint) != nullptr);
}

bool is_turn(const stun_message& m) noexcept {
  // The class's two bits (C1, C0) stand between those of the method (RFC 8489 s.5).
  const auto type = static_cast<std::uint16_t>(m.type);
  const auto method = (type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2;
  return method == 0x003 || method == 0x004 || (method >= 0x006 && method <= 0x009);
}

}  // namespace phyllo::transport
