#include "phyllo/stun/binding.hpp"

#include "phyllo/core/wire.hpp"

namespace phyllo::stun {

core::bytes answer_binding(const message& request, const core::endpoint& from, std::optional<core::bytes> reach) {
  message answer;
  answer.type = message_type::binding_success;
  answer.transaction = request.transaction;
  if (const auto unknown = unknown_required_attributes(request); !unknown.empty()) {
    answer.type = message_type::binding_error;
    answer.add(attribute_type::error_code, {0, 0, 4, 20});  // 420 Unknown Attribute, no phrase
    core::bytes first;
    core::wire_writer(first).u16(unknown.front());  // one is enough for the sender, and bounds the answer
    answer.add(attribute_type::unknown_attributes, std::move(first));
    return answer.encode();
  }
  answer.add_xor_mapped_address(from);
  const bool asked = reach.has_value();
  if (asked) answer.add(attribute_type::reach, std::move(*reach));
  return answer.encode(!asked && request.find(attribute_type::fingerprint) != nullptr);
}

}  // namespace phyllo::stun
