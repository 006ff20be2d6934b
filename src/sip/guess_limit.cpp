#include "guess_limit.hpp"

#include <algorithm>
#include <array>

#include "phyllo/core/source_limit.hpp"

namespace phyllo::sip {
namespace {

// Whether a bucket has room. `full` may lie in the past.
bool has_room(core::time_point full, core::duration interval, unsigned burst, core::time_point now) {
  return full - now <= interval * (burst - 1);
}

core::time_point one_more(core::time_point full, core::duration interval, core::time_point now) { return std::max(full, now) + interval; }

// What a newcomer to a full table begins with: what its oldest entry has, so that no flood of names clears anybody's debts.
template <class Table, class Value>
Value begun(Table& t, const Value& nothing) {
  return t.full() ? t.oldest()->second : nothing;
}

}  // namespace

guess_limit::guess_limit(unsigned wrong_per_minute, const core::hash_key& key, core::counter* evictions)
    : key_(key),
      burst_(wrong_per_minute),
      interval_(core::duration(std::chrono::minutes(1)) / wrong_per_minute),
      addresses_(remembered_max, key, evictions),
      users_(remembered_max, key, evictions),
      proven_(4 * remembered_max, key, evictions),
      waiting_(0, core::keyed_hasher{key}) {}

std::uint64_t guess_limit::joined(const core::hash_key& key, std::uint64_t a, std::uint64_t b) {
  std::array<std::uint8_t, 16> both{};
  for (std::size_t i = 0; i < 8; ++i) {
    both[i] = static_cast<std::uint8_t>(a >> 8 * i);
    both[8 + i] = static_cast<std::uint8_t>(b >> 8 * i);
  }
  return core::keyed_hash(key, core::byte_view(both));
}

guess_limit::attempt guess_limit::of(std::string_view user, const source& from) const {
  attempt a;
  a.address = core::source_key(from.remote.address);
  a.user = core::keyed_hash(key_, user);
  a.at_address = joined(key_, a.user, a.address);
  // A datagram's flow is its source; a port never begins a flow's number, which is random.
  const auto flow = from.flow == flow_id::none ? joined(key_, a.address, from.remote.port) : static_cast<std::uint64_t>(from.flow);
  a.at_flow = joined(key_, a.at_address, flow);
  return a;
}

bool guess_limit::proven(const attempt& a) {
  for (const auto key : {a.at_flow, a.at_address}) {
    const auto* failures = proven_.use(key);
    if (failures != nullptr && *failures < proven_failures_max) return true;
  }
  return false;
}

bool guess_limit::suspect(const attempt& a, core::time_point now) {
  const auto* known = addresses_.find(a.address);
  return known != nullptr && now - known->last < failure_remembered;
}

guess_limit::refusal guess_limit::refused(const attempt& a, core::time_point now) {
  if (proven(a)) return refusal::none;
  const auto waits = waiting_.find(a.address);
  if (waits != waiting_.end() && waits->second > waiting_max) return refusal::address;
  const auto* here = addresses_.find(a.address);
  const auto address = here != nullptr ? *here : begun(addresses_, of_address());
  if (!has_room(address.full, interval_, burst_, now)) return refusal::address;
  const auto* named = users_.find(a.user);
  const auto user = named != nullptr ? *named : begun(users_, of_user());
  const auto full = suspect(a, now) ? user.suspect : user.clean;
  return has_room(full, user_interval, user_burst, now) ? refusal::none : refusal::user;
}

void guess_limit::succeeded(const attempt& a) {
  proven_.try_emplace(a.at_address).first = 0;
  proven_.try_emplace(a.at_flow).first = 0;
}

void guess_limit::failed(const attempt& a, core::time_point now) {
  for (const auto key : {a.at_flow, a.at_address}) {
    auto* failures = proven_.find(key);
    if (failures != nullptr && *failures < proven_failures_max) ++*failures;
  }
  const bool was_suspect = suspect(a, now);
  const auto address_before = begun(addresses_, of_address());
  auto& address = addresses_.try_emplace(a.address, address_before).first;
  address.full = one_more(address.full, interval_, now);
  address.last = now;
  const auto user_before = begun(users_, of_user());
  auto& user = users_.try_emplace(a.user, user_before).first;
  auto& full = was_suspect ? user.suspect : user.clean;
  full = one_more(full, user_interval, now);
}

void guess_limit::waited(std::uint64_t address) {
  const auto at = waiting_.find(address);
  if (--at->second == 0) waiting_.erase(at);
}

}  // namespace phyllo::sip
