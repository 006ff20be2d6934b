// The side of those who use the overlay's records (storage.md, W, R and N, writers, readers and watchers): it asks roots and judges what
// they answer. All the storage that an ordinary node has.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "kinds/resource_key.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "reload/surroundings.hpp"
#include "storage/fetch_message.hpp"
#include "storage/record_operations.hpp"
#include "storage/storage_times.hpp"
#include "storage/value_judge.hpp"

namespace phyllo::overlay {

class record_client final : public record_operations {
 public:
  // All references outlive it, and so do the calls; `kinds` may change between two of them.
  record_client(core::environment& env, std::shared_ptr<const identity::credential> self, surroundings& ring, const value_judge& judge,
                const std::vector<kind>& kinds, core::metrics& metrics)
      : env_(env), self_(std::move(self)), ring_(ring), judge_(judge), kinds_(kinds), metrics_(metrics), times_(ring) {}

  core::awaitable<core::result<outcome>> get(name n, read_options o) override;
  core::awaitable<core::result<outcome>> add(name n, record r, std::chrono::seconds lifetime, write_options o) override;
  core::awaitable<core::result<outcome>> update(name n, record r, std::chrono::seconds lifetime, write_options o) override;
  core::awaitable<core::result<outcome>> remove(name n, write_options o) override;
  core::awaitable<core::result<outcome>> watch(name n, watch_options o) override;
  core::awaitable<core::result<outcome>> store_entry(kind_id kind, resource_id resource, kind_entry e, std::chrono::seconds lifetime,
                                                     core::duration timeout) override;
  core::awaitable<core::result<std::vector<kind_value>>> fetch_entries(kind_id kind, resource_id resource, core::duration timeout) override;
  core::awaitable<core::result<resource_id>> find_resource(kind_id kind, resource_id near, core::duration timeout) override;
  // What is under way ends with not_joined when it would ask again, and so does whatever is begun.
  void stop() noexcept { stopping_ = true; }

 private:
  using certificates = std::vector<identity::certificate>;
  struct fetched {
    outcome result;
    std::vector<std::pair<stored_data, identity::certificate>> values;  // believed, tombstones included
  };

  // --- record_client.cpp
  [[nodiscard]] const kind& records() const { return *find_kind(kinds_, resource_kind.id); }  // as this overlay has it
  [[nodiscard]] resource_id key_of(const name& n) const { return n.key(records().hash); }
  core::awaitable<core::result<answer>> ask_root(resource_id key, message_contents m, core::time_point deadline);
  core::awaitable<core::result<fetched>> fetch_all(name n, bool quorum, core::time_point deadline);
  [[nodiscard]] core::result<fetched> believed(const name& n, const answer& got, core::time_point started);
  [[nodiscard]] outcome outcome_with_values(fetched all) const;
  [[nodiscard]] outcome outcome_of(const resource_id& key, const answer& a, core::time_point started) const;

  // --- record_client_write.cpp
  core::awaitable<core::result<outcome>> store_as_asked(name n, record r, std::chrono::seconds lifetime, write_options o, bool if_absent);
  [[nodiscard]] core::result<resource_key> key_for(const name& n, const record& r, const write_options& o) const;
  [[nodiscard]] core::result<stored_data> make_value(const resource_key& key, record r, std::uint32_t lifetime, std::uint64_t at) const;

  // --- record_client_watch.cpp
  core::awaitable<core::result<std::optional<outcome>>> ask_for_change(name n, state_digest seen, core::time_point deadline);

  // --- record_client_entries.cpp
  [[nodiscard]] core::result<stored_data> make_entry(const kind& k, const resource_id& resource, const kind_entry& e,
                                                     std::uint32_t lifetime, std::uint64_t at) const;
  [[nodiscard]] std::vector<kind_value> believed(const fetch_answer& a, kind_id id, const resource_id& resource,
                                                 const certificates& carried);

  core::environment& env_;
  std::shared_ptr<const identity::credential> self_;
  surroundings& ring_;
  const value_judge& judge_;
  const std::vector<kind>& kinds_;
  core::metrics& metrics_;
  storage_times times_;
  bool stopping_ = false;
};

}  // namespace phyllo::overlay
