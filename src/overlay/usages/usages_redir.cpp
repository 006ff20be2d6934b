// ReDiR (RFC 7374 s.4): a service's providers in a tree of dictionaries, each level dividing the ring by ten.
#include <algorithm>

#include "kinds/redir_provider.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/ring.hpp"
#include "usages/usages_impl.hpp"

namespace phyllo::overlay {
namespace {

bool is_edge(const node_id& n, const std::vector<node_id>& of) {
  return std::ranges::none_of(of, [&](const node_id& o) { return o < n; }) ||
         std::ranges::none_of(of, [&](const node_id& o) { return o > n; });
}

// Those in I(level, id): of one tree node, the same interval.
std::vector<node_id> in_interval(std::uint16_t level, const node_id& id, const std::vector<node_id>& of) {
  std::vector<node_id> out;
  const auto b = redir_interval(level, id);
  std::ranges::copy_if(of, std::back_inserter(out), [&](const node_id& o) { return redir_interval(level, o) == b; });
  return out;
}

// "whose identifier most immediately follows": at or after it, without going round.
std::optional<node_id> following(const node_id& key, const std::vector<node_id>& of) {
  std::optional<node_id> best;
  for (const auto& n : of) {
    if (n >= key && (!best || n < *best)) best = n;
  }
  return best;
}

}  // namespace

core::awaitable<core::result<std::vector<node_id>>> usages_impl::providers_at(std::string service, std::uint16_t level, node_id id,
                                                                              core::time_point deadline) {
  const auto place = redir_place::of(std::move(service), level, id);
  const auto stored = co_await fetch_entries(kind_number::redir, place.resource(hash_), deadline - env_.now());
  if (!stored) co_return core::fail(stored.error());
  std::vector<node_id> out;
  for (const auto& v : *stored) out.push_back(v.signer_node);
  co_return out;
}

core::awaitable<core::status> usages_impl::enter(std::string service, std::uint16_t level, bool exists, std::chrono::seconds lifetime,
                                                 core::time_point deadline) {
  redir_provider p;
  p.route.push_back(destination::to_node(self()));
  p.place = redir_place::of(std::move(service), level, self());
  kind_entry e;
  e.key = core::to_bytes(self().octets);
  e.exists = exists;
  if (exists) e.value = p.encode();
  const auto done = co_await store_entry(kind_number::redir, p.place.resource(hash_), std::move(e), lifetime, deadline - env_.now());
  if (!done) co_return core::fail(done.error());
  co_return core::status();
}

// RFC 7374 s.4.3: up from the starting level as long as this node is the lowest or highest of its interval, then down as long
// as it is that and not alone.
core::awaitable<core::status> usages_impl::provide(std::string service, std::chrono::seconds lifetime, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  for (std::uint16_t level = redir_level_start;; --level) {  // ends at the root, or at a level that has both neighbours
    const auto others = co_await providers_at(service, level, self(), deadline);
    if (!others) co_return core::fail(others.error());
    const auto entered = co_await enter(service, level, true, lifetime, deadline);
    if (!entered) co_return entered;
    if (level == 0 || !is_edge(self(), in_interval(level, self(), *others))) break;
  }
  for (std::uint16_t level = redir_level_start; level <= redir_level_max; ++level) {
    const auto others = co_await providers_at(service, level, self(), deadline);
    if (!others) co_return core::fail(others.error());
    auto beside = in_interval(level, self(), *others);
    std::erase(beside, self());
    if (level > redir_level_start && is_edge(self(), beside)) {
      const auto entered = co_await enter(service, level, true, lifetime, deadline);
      if (!entered) co_return entered;
    }
    if (beside.empty()) break;
  }
  co_return core::status();
}

// s.4.6. Where this node is not entered, nothing is left behind.
core::awaitable<core::status> usages_impl::withdraw(std::string service, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  for (std::uint16_t level = 0; level <= redir_level_max; ++level) {
    const auto there = co_await providers_at(service, level, self(), deadline);
    if (!there) co_return core::fail(there.error());
    if (std::ranges::find(*there, self()) == there->end()) continue;
    const auto left = co_await enter(service, level, false, std::chrono::hours(24), deadline);
    if (!left) co_return left;
  }
  co_return core::status();
}

// RFC 7374 s.4.5 with its cache: what has been seen on the way answers when a level further down holds nothing that follows.
core::awaitable<core::result<node_id>> usages_impl::find_provider(std::string service, node_id key, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  std::vector<node_id> seen;
  std::uint16_t level = redir_level_start;
  bool down = false;
  std::optional<std::uint16_t> barren;  // the level where nothing follows the key
  while (true) {                        // ends: once it goes down, it never goes up again
    const auto there = co_await providers_at(service, level, key, deadline);
    if (!there) co_return core::fail(there.error());
    seen.insert(seen.end(), there->begin(), there->end());
    const auto next = following(key, *there);
    if (!next) {  // condition 1
      if (down || level == 0) break;
      barren = level--;
      continue;
    }
    const bool last = level == redir_level_max || barren == static_cast<std::uint16_t>(level + 1);
    if (last || is_edge(key, in_interval(level, key, *there))) co_return *next;  // condition 3
    down = true;                                                                 // condition 2
    ++level;
  }
  if (const auto next = following(key, seen)) co_return *next;
  // Around zero: the lowest of all, which is entered at the root.
  const auto lowest = std::ranges::min_element(seen);
  if (lowest == seen.end()) co_return core::fail(errc::not_found, "nobody provides this service");
  co_return *lowest;
}

}  // namespace phyllo::overlay
