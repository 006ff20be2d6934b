#include "reload/unverified_messages.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::overlay {

// "some certificates MAY be omitted" (s.6.3.4).
std::optional<node_id> where_to_look(const forwarding_header& h, const opened_payload& p, const std::optional<node_id>& from) {
  const auto* hash = p.signature.certificate_hash();
  if (hash == nullptr || !from) return std::nullopt;
  const auto named = [&](core::byte_view der) {
    const auto digest = identity::sha256(der);
    return std::equal(digest.begin(), digest.end(), hash);
  };
  if (std::ranges::any_of(p.certificates, named)) return std::nullopt;
  if (h.via.empty()) return from;
  if (h.via.front().type != destination_type::node) return std::nullopt;
  return h.via.front().id;
}

std::vector<unverified_message> unverified_messages::take(const node_id& n) {
  std::vector<unverified_message> out;
  for (auto& m : messages_) {
    if (m.of == n) out.push_back(std::move(m));
  }
  std::erase_if(messages_, [&](const unverified_message& m) { return m.of == n; });  // the Node-ID of a moved one is still there
  return out;
}

}  // namespace phyllo::overlay
