// Replicated storage of one node: RFC 6940 s.7 with the replication of storage.md. The peer hands it what arrives for
// it (storage_service), the API of the overlay calls its record operations.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "kinds/kind.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/peer_settings.hpp"
#include "phyllo/overlay/record_file.hpp"
#include "reload/surroundings.hpp"
#include "storage/record_operations.hpp"
#include "storage/replica_store.hpp"
#include "storage/watch_table.hpp"

namespace phyllo::overlay {

struct storage_options : storage_settings {
  value_quotas quotas{};
  watch_table::limits watches{};
  core::duration write_timeout = std::chrono::seconds(3);    // until q holders confirm
  core::duration read_timeout = std::chrono::seconds(3);     // of a quorum read
  core::duration degraded_after = std::chrono::seconds(2);   // a default read then answers with the best it saw
  core::duration confirmed_for = std::chrono::seconds(5);    // R1: how long a member's confirmation of the view holds
  core::duration compare_every = std::chrono::seconds(45);   // anti-entropy with one other replica of each arc
  core::duration sweep_every = std::chrono::seconds(60);     // how often displaced copies are looked for
  std::vector<kind> kinds = {};                              // empty: known_kinds()
  core::duration keep_displaced = std::chrono::minutes(10);  // least time that copies outside set(key) are kept
  core::duration save_every = std::chrono::seconds(2);       // what changed, to `file`
  record_file* file = nullptr;                               // outlives the storage; null: what is held goes with the process
};

struct storage_counts {
  std::uint64_t records = 0;           // resources with a live value
  std::uint64_t primary = 0;           // of these: this node is the root
  std::uint64_t replicas = 0;          // of these: in set(key), not the root
  std::uint64_t under_replicated = 0;  // primary ones with fewer confirmed holders than set(key) has members
  bool synced = true;                  // no arc of its own is to be compared yet, and it waits for nobody else's: one more may go now
};

// Every function runs on env's executor. All references outlive the storage; stop() before destruction.
class storage : public storage_service {
 public:
  [[nodiscard]] static std::unique_ptr<storage> create(core::environment& env, storage_options options,
                                                       std::shared_ptr<const identity::credential> self, const identity::trust& trust,
                                                       surroundings& ring, core::metrics& metrics, core::logger log);

  // Of this overlay, for as long as this lives. stop() makes them end with not_joined.
  [[nodiscard]] virtual record_operations& records() = 0;

  // Begins to take up what `file` has kept, and keeps what changes from then on. Once, before joining; this node is unsynced until all is
  // read, so others are asked meanwhile.
  virtual void restore() = 0;
  // The last changes, after stop() (which reads to the end first) and when nothing arrives any more.
  virtual core::awaitable<void> save() = 0;

  [[nodiscard]] virtual storage_counts counts() const = 0;
  // Values held by Kind, tombstones included.
  [[nodiscard]] virtual std::map<kind_id, std::uint64_t> instances() const = 0;
  // Those of a newer configuration document.
  virtual void use_kinds(std::vector<kind> kinds) = 0;
};

}  // namespace phyllo::overlay
