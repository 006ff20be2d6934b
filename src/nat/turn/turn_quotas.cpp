#include "turn/turn_quotas.hpp"

#include <cassert>

namespace phyllo::nat {

turn_quotas::turn_quotas(const turn_limits& limits, const core::hash_key& key)
    : limits_(limits), all_(limits.bytes_per_second), users_(0, core::keyed_hasher{key}), addresses_(0, core::keyed_hasher{key}) {}

int turn_quotas::take(const std::string& user, const asio::ip::address& client) {
  if (taken_ >= limits_.allocations) return 508;
  const auto of_user = users_.find(user);
  if (of_user != users_.end() && of_user->second.allocations >= limits_.allocations_of_user) return 486;
  const auto source = core::source_key(client);
  const auto of_address = addresses_.find(source);
  if (of_address != addresses_.end() && of_address->second >= limits_.allocations_of_address) return 486;
  ++taken_;
  ++users_.try_emplace(user, use{0, byte_budget(limits_.bytes_per_second_of_user)}).first->second.allocations;
  ++addresses_[source];
  return 0;
}

void turn_quotas::release(const std::string& user, const asio::ip::address& client) {
  const auto of_user = users_.find(user);
  const auto of_address = addresses_.find(core::source_key(client));
  assert(taken_ > 0 && of_user != users_.end() && of_address != addresses_.end());
  --taken_;
  if (--of_user->second.allocations == 0) users_.erase(of_user);
  if (--of_address->second == 0) addresses_.erase(of_address);
}

bool turn_quotas::carry(const std::string& user, std::size_t bytes, core::time_point now) {
  if (limits_.bytes_per_second == 0 && limits_.bytes_per_second_of_user == 0) return true;
  auto& of_user = users_.at(user).budget;
  if (!all_.has(bytes, now) || !of_user.has(bytes, now)) return false;
  all_.take(bytes);
  of_user.take(bytes);
  return true;
}

}  // namespace phyllo::nat
