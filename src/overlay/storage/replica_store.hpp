// What one node holds: Resource-ID -> Kind -> entries, with versions, generation counters, tombstones and monotonic expiry.
// Pure: every call takes `now`. It judges versions and quotas; who may write is access_policy's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "kinds/kind.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/peer_settings.hpp"
#include "reload/ring_arc.hpp"

namespace phyllo::overlay {

using item_digest = std::array<std::uint8_t, 16>;

// One entry's place.
struct item_key {
  resource_id resource;
  kind_id kind = 0;
  core::bytes entry;
  friend auto operator<=>(const item_key&, const item_key&) = default;
};

struct held_value {
  stored_data data;
  phyllo::overlay::version version;
  identity::certificate signer;
  core::time_point expires;
  item_digest digest{};  // over its place and version: what comparisons are made of

  // Whole seconds left: the lifetime to pass it on with (RFC 6940 s.7.4.1.1, never more than was given).
  [[nodiscard]] std::uint32_t lifetime_left(core::time_point now) const;
  [[nodiscard]] stored_data passed_on(core::time_point now) const;
};

struct value_quotas {
  std::size_t values_per_owner_max = 1024;      // of one user
  std::size_t values_per_domain_max = 250'000;  // of one domain, under its authority (form 2)
};

class replica_store {
 public:
  // It rises by one with each change: nobody's is further ahead. So nobody brings it to its end.
  static constexpr std::uint64_t generation_step_max = std::uint64_t{1} << 32;
  replica_store(kind_table kinds, const storage_settings& limits, value_quotas quotas = {})
      : kinds_(kinds), limits_(limits), quotas_(quotas) {}

  // Told of every resource whose values change: stored, expired, erased.
  using change_handler = std::function<void(const resource_id&)>;
  void on_change(change_handler h) { changed_ = std::move(h); }

  [[nodiscard]] const held_value* find(const item_key& at) const;
  [[nodiscard]] std::vector<const held_value*> values(const resource_id& resource, kind_id kind) const;
  [[nodiscard]] std::uint64_t generation(const resource_id& resource, kind_id kind) const;

  // quota_exceeded if these values, signed by `users` one by one, would not fit beside what is held.
  [[nodiscard]] core::status room_for(const resource_id& resource, const kind& k, const std::vector<stored_data>& values,
                                      const std::vector<std::string>& users) const;

  enum class outcome { stored, identical, older };  // older: a higher version is held, nothing changed
  outcome put(const resource_id& resource, kind_id kind, const stored_data& d, const identity::certificate& signer, core::time_point now,
              const version_order& order = {});
  // Never lowers it, and raises it by generation_step_max at most, whatever another node says.
  void raise_generation(const resource_id& resource, kind_id kind, std::uint64_t generation);

  // Lets go of what has expired; the number of values.
  std::size_t expire(core::time_point now);
  void erase(const resource_id& resource);
  [[nodiscard]] std::optional<core::time_point> next_expiry() const;

  [[nodiscard]] std::size_t size() const noexcept { return count_; }  // values, tombstones included
  [[nodiscard]] const std::map<kind_id, std::uint64_t>& instances() const noexcept { return by_kind_; }
  // In rising order; `limit` bounds the answer.
  [[nodiscard]] std::vector<resource_id> resources(const arc& where) const;
  [[nodiscard]] bool live(const resource_id& resource) const;  // has a value that is no tombstone
  [[nodiscard]] std::optional<resource_id> nearest(const resource_id& to, kind_id kind) const;

  // f(const item_key-like parts, const held_value&): false ends it.
  template <class Function>
  void for_each_while(const arc& where, Function f) const {
    for (auto at = resources_.lower_bound(where.first); at != resources_.end() && at->first <= where.last; ++at) {
      for (const auto& [kind, held] : at->second) {
        for (const auto& [entry, value] : held.entries) {
          if (!f(at->first, kind, entry, value)) return;
        }
      }
    }
  }
  template <class Function>
  void for_each(const arc& where, Function f) const {
    for_each_while(where, [&f](const resource_id& resource, kind_id kind, const core::bytes& entry, const held_value& v) {
      f(resource, kind, entry, v);
      return true;
    });
  }

  // The counts, alarms and quotas are those of the values. Goes through all of them: for tests.
  [[nodiscard]] bool invariant() const;

 private:
  struct held_kind {
    std::uint64_t generation = 0;
    std::map<core::bytes, held_value> entries;
  };
  using held_resource = std::map<kind_id, held_kind>;

  [[nodiscard]] const held_kind* of(const resource_id& resource, kind_id kind) const;
  void tell(const resource_id& resource) const {
    if (changed_) changed_(resource);
  }
  void forget(const item_key& at, const held_value& v);  // counts and alarm; the entry is the caller's
  [[nodiscard]] core::status quotas_for(const std::map<std::string, std::size_t>& fresh) const;

  kind_table kinds_;
  storage_settings limits_;
  value_quotas quotas_;
  std::map<resource_id, held_resource> resources_;
  std::multimap<core::time_point, item_key> expiries_;  // one for each value
  std::map<std::string, std::size_t> owned_;            // values, by whose quota they count against
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  change_handler changed_;
  std::map<kind_id, std::uint64_t> by_kind_;  // values
};

}  // namespace phyllo::overlay
