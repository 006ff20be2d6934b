#include "reload/certificate_store.hpp"

namespace phyllo::overlay {

void certificate_store::keep(const identity::certificate& c) {
  if (trust_.kept(c.fingerprint()) != nullptr) return;
  if (!entries_.emplace(c.fingerprint(), c).second) return;
  order_.push_back(c.fingerprint());
  if (order_.size() <= entries_max) return;
  entries_.erase(order_.front());
  order_.pop_front();
}

const identity::certificate* certificate_store::find(const identity::sha256_digest& fingerprint) const {
  if (const auto* kept = trust_.kept(fingerprint)) return kept;
  const auto at = entries_.find(fingerprint);
  return at == entries_.end() ? nullptr : &at->second;
}

std::vector<identity::certificate> certificate_store::parse(const std::vector<core::byte_view>& bucket) const {
  std::vector<identity::certificate> out;
  for (const auto der : bucket) {
    if (const auto* known = find(identity::sha256(der))) {
      out.push_back(*known);
    } else if (auto parsed = trust_.read(der)) {
      out.push_back(std::move(*parsed));
    }
  }
  return out;
}

}  // namespace phyllo::overlay
