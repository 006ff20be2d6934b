#include "digest_offer.hpp"

namespace phyllo::sip {

digest_offer::digest_offer(digest_policy policy, const core::hash_key& key, core::counter* evictions)
    : policy_(policy), key_(key), strong_users_(key), answers_(users_max, key), questions_(asked_max, key, evictions) {}

std::uint64_t digest_offer::place(std::string_view user, std::uint64_t address) const {
  return core::keyed_hash(key_, core::keyed_hash(key_, user) ^ core::keyed_hash(key_, address));
}

std::vector<digest_algorithm> digest_offer::to(std::string_view user, std::uint64_t address, bool renews, core::time_point now) {
  if (policy_ == digest_policy::require) return {digest_algorithm::sha256};
  const auto here = place(user, address);
  if (auto* known = answers_.use(here)) {
    if (known->algorithm == digest_algorithm::sha256) return {digest_algorithm::sha256};
    if (!renews || known->tried) return {digest_algorithm::md5};
    known->tried = true;
    return {digest_algorithm::sha256, digest_algorithm::md5};
  }
  auto& q = questions_.try_emplace(here, question{now, false}).first;
  if (now - q.at > remembered) q = question{now, false};
  q.wrong = q.wrong || now - q.at >= patience;
  if (q.wrong) return {digest_algorithm::md5};
  return {digest_algorithm::md5, digest_algorithm::sha256};
}

bool digest_offer::takes(const std::string& user, std::uint64_t address, digest_algorithm a) {
  if (a == digest_algorithm::sha256) strong_users_.add(user);
  const bool better = a == digest_algorithm::md5 && strong_users_.contains(user);
  const auto here = place(user, address);
  const auto* asked = questions_.find(here);
  auto [known, anew] = answers_.try_emplace(here);
  // Who has been silent after both, or wrong, has shown what he can.
  if (anew) known.tried = asked != nullptr && asked->wrong;
  known.algorithm = better ? digest_algorithm::sha256 : a;
  questions_.erase(here);
  return !better;
}

bool digest_offer::unsure(std::string_view user, std::uint64_t address, core::time_point now) {
  auto* known = answers_.find(place(user, address));
  if (known == nullptr || known->algorithm != digest_algorithm::md5) return false;
  if (known->ring_asked != core::time_point::min() && now - known->ring_asked < asked_again_after) return false;
  known->ring_asked = now;
  return true;
}

void digest_offer::failed(std::string_view user, std::uint64_t address, core::time_point now) {
  questions_.try_emplace(place(user, address), question{now, false}).first.wrong = true;
}

}  // namespace phyllo::sip
