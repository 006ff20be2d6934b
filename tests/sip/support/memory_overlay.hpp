// An overlay of one process: the API's promises over a map, for tests of what stands above. Records pass through their
// XML, and bindings are checked as storing peers check them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::testing {

struct memory_ring {
  explicit memory_ring(core::environment& e) : env(e) {}

  core::environment& env;
  std::map<std::string, std::map<overlay::binding, overlay::stored_value>> records;
  std::optional<overlay::errc> broken;  // what every operation fails with
  core::duration delay{};               // of every operation
  int gets = 0;
  int stores = 0;
  int removals = 0;
};

// How one node sees the ring.
class memory_overlay final : public overlay::overlay {
 public:
  memory_overlay(memory_ring& ring, phyllo::overlay::node_id self) : ring_(ring), self_(self) {}

  core::awaitable<core::result<phyllo::overlay::outcome>> get(std::string, phyllo::overlay::name n,
                                                              phyllo::overlay::read_options) override {
    ++ring_.gets;
    if (ring_.delay != core::duration::zero()) co_await core::sleep_for(ring_.env, ring_.delay);
    if (ring_.broken) co_return core::fail(*ring_.broken);
    phyllo::overlay::outcome out;
    const auto now = core::unix_milliseconds(ring_.env.wall_now());
    const auto ends = [](const auto& v) { return v.storage_time_ms + std::uint64_t{v.lifetime_s} * 1000; };
    std::erase_if(ring_.records[n.text()], [&](const auto& entry) { return ends(entry.second) <= now; });  // as storing peers do
    for (const auto& [binding, value] : ring_.records[n.text()]) {
      auto v = value;
      v.lifetime_s = static_cast<std::uint32_t>((ends(value) - now) / 1000);
      out.values.push_back(std::move(v));
    }
    if (out.values.empty()) co_return core::fail(phyllo::overlay::errc::not_found);
    co_return out;
  }

  core::awaitable<core::result<phyllo::overlay::outcome>> add(std::string id, phyllo::overlay::name n, phyllo::overlay::record r,
                                                              std::chrono::seconds lifetime, phyllo::overlay::write_options o) override {
    co_return co_await update(std::move(id), std::move(n), std::move(r), lifetime, o);
  }

  core::awaitable<core::result<phyllo::overlay::outcome>> update(std::string, phyllo::overlay::name n, phyllo::overlay::record r,
                                                                 std::chrono::seconds lifetime, phyllo::overlay::write_options o) override {
    ++ring_.stores;
    if (ring_.delay != core::duration::zero()) co_await core::sleep_for(ring_.env, ring_.delay);
    if (ring_.broken) co_return core::fail(*ring_.broken);
    if (r.name != n || r.locations.empty() || r.lifetime_s < lifetime.count()) co_return core::fail(phyllo::overlay::errc::invalid_record);
    if (o.binding != phyllo::overlay::binding_of(r.locations.front())) co_return core::fail(phyllo::overlay::errc::forbidden);
    r.timestamp_ms = core::unix_milliseconds(ring_.env.wall_now());
    auto read = phyllo::overlay::record::parse(r.xml());
    if (!read) co_return core::fail(read.error());
    phyllo::overlay::stored_value v;
    v.content = std::move(*read);
    v.signer_node = self_;
    v.storage_time_ms = r.timestamp_ms;
    v.lifetime_s = static_cast<std::uint32_t>(lifetime.count());
    v.entry = *o.binding;
    ring_.records[n.text()][*o.binding] = std::move(v);
    co_return phyllo::overlay::outcome();
  }

  core::awaitable<core::result<phyllo::overlay::outcome>> watch(std::string, phyllo::overlay::name,
                                                                phyllo::overlay::watch_options) override {
    co_return core::fail(phyllo::overlay::errc::refused, "SIP watches nothing");
  }

  core::awaitable<core::result<phyllo::overlay::outcome>> remove(std::string, phyllo::overlay::name n,
                                                                 phyllo::overlay::write_options o) override {
    ++ring_.removals;
    if (ring_.broken) co_return core::fail(*ring_.broken);
    if (ring_.records[n.text()].erase(o.binding.value()) == 0) co_return core::fail(phyllo::overlay::errc::not_found);
    co_return phyllo::overlay::outcome();
  }

 private:
  memory_ring& ring_;
  phyllo::overlay::node_id self_;
};

}  // namespace phyllo::testing
