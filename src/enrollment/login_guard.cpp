#include "login_guard.hpp"

#include <algorithm>
#include <array>

namespace phyllo::enrollment {

login_guard::login_guard(unsigned attempts_per_minute, const core::hash_key& key)
    : key_(key),
      limiter_(attempts_per_minute, key),
      failures_(remembered_max, key),
      regions_(remembered_max, key),
      proven_(remembered_max, key),
      accounts_(remembered_max, key) {}

login_guard::attempt login_guard::begin(const login_place& from, std::string_view user, core::time_point now) {
  attempt a;
  a.place = from;
  a.account = core::keyed_hash(key_, user);  // of any length; its owner's key makes it as good as the name
  if (auto* failures = proven_.use(proof(a)); failures != nullptr && *failures < proven_failures_max) {
    ++*failures;
    a.lane = login_queue::lane::proven;
    return a;
  }
  a.lane = has_failed(from, now) ? login_queue::lane::suspect : login_queue::lane::clean;
  if (!limiter_.begin(from.host, now)) {
    a.refused = refusal::address;
    return a;
  }
  auto& of_account = accounts_.try_emplace(a.account).first;
  auto& full = a.lane == login_queue::lane::clean ? of_account.clean_full : of_account.suspect_full;
  if (full - now > strangers_interval * (strangers_burst - 1)) {
    a.refused = refusal::account;
    return a;
  }
  full = std::max(full, now) + strangers_interval;
  return a;
}

void login_guard::succeeded(const attempt& a, core::time_point) {
  proven_.try_emplace(proof(a)).first = 0;
  if (a.lane == login_queue::lane::proven) return;
  limiter_.forgive(a.place.host);
  auto* of_account = accounts_.find(a.account);
  if (of_account == nullptr) return;
  (a.lane == login_queue::lane::clean ? of_account->clean_full : of_account->suspect_full) -= strangers_interval;
}

void login_guard::failed(const attempt& a, core::time_point now) {
  auto [last, first] = failures_.try_emplace(a.place.prefix);
  const bool anew = first || now - last >= failure_remembered;
  last = now;
  auto& region = regions_.try_emplace(a.place.region).first;
  if (now - region.last >= failure_remembered) region.networks = 0;
  if (anew) ++region.networks;
  region.last = now;
}

bool login_guard::has_failed(const login_place& at, core::time_point now) {
  const auto* last = failures_.find(at.prefix);
  if (last != nullptr && now - *last < failure_remembered) return true;
  const auto* region = regions_.find(at.region);
  return region != nullptr && region->networks >= failed_networks_max && now - region->last < failure_remembered;
}

std::uint64_t login_guard::proof(const attempt& a) const {
  std::array<std::uint8_t, 16> both{};
  for (std::size_t i = 0; i < 8; ++i) {
    both[i] = static_cast<std::uint8_t>(a.account >> 8 * i);
    both[8 + i] = static_cast<std::uint8_t>(a.place.prefix >> 8 * i);
  }
  return core::keyed_hash(key_, core::byte_view(both));
}

}  // namespace phyllo::enrollment
